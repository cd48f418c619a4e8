import type { Delivery, Queue } from "../platform/queue/queue.ts";
import { listNamedIn } from "./push-message.ts";
import { QueuedMessage } from "./queued-message.ts";

interface AnswerOptions {
  readonly queue: Queue;
  /**
   * Works on the messages of one list, and finishes those that are done. If it rejects, the others wait.
   *
   * @param share how much of the time that is left it may take, from 0 to 1: other lists follow
   */
  push(list: string, messages: readonly QueuedMessage[], share: number): Promise<unknown>;
}

/** A batch of this size says that there may be more: a first-in-first-out queue gives out no more at once. */
const fullBatch = 10;
/** So many messages are worked on together at the most: a list that is read is read for all of them. */
const mostMessages = 5_000;
const receiversAtOnce = 4;

/** Whose body names no list. */
const unknownList = "unknown";

/**
 * Works on the messages of a batch and, if that is full, on those that wait behind it, list by list.
 *
 * @returns the ids of the batch's messages that are to be given out again, in their order
 */
export async function answerDeliveries(
  batch: readonly Delivery[],
  { queue, push }: AnswerOptions,
): Promise<string[]> {
  const given = batch.map((delivery) => new QueuedMessage(delivery));
  const drained = batch.length < fullBatch ? [] : await receiveMore(queue, mostMessages - batch.length);
  const messages = [...given, ...drained];
  const byList = Map.groupBy(messages, ({ delivery }) => listNamedIn(delivery.body) ?? unknownList);
  for (const [index, [list, ofList]] of [...byList].entries()) {
    // What failed is logged, and told by what is not done.
    await push(list, ofList, 1 / (byList.size - index)).catch(() => undefined);
  }
  const left = unfinished(messages);
  // What was taken beside the batch is this function's own to take out. If that fails, it is done twice, which is harmless.
  const isDone = (message: QueuedMessage) => !left.has(message);
  await queue.remove(drained.filter(isDone).map(({ delivery }) => delivery)).catch(() => undefined);
  await queue.postpone([...left].map(({ delivery, waitSeconds }) => ({ delivery, seconds: waitSeconds })));
  return given.filter((message) => left.has(message)).map(({ delivery }) => delivery.id);
}

/** All that is not done, and what stands behind it in its group: that must be done after it. */
function unfinished(messages: readonly QueuedMessage[]): Set<QueuedMessage> {
  const left = new Set<QueuedMessage>();
  const blocked = new Set<string>();
  for (const message of messages) {
    const { group } = message.delivery;
    if (message.isDone && !blocked.has(group)) continue;
    left.add(message);
    blocked.add(group);
  }
  return left;
}

async function receiveMore(queue: Queue, most: number): Promise<QueuedMessage[]> {
  const received: QueuedMessage[] = [];
  let isEmpty = false;
  const receive = async () => {
    while (!isEmpty && received.length < most) {
      // If the queue fails, what it has given out so far is worked on.
      const deliveries = await queue.receive().catch(() => []);
      isEmpty ||= deliveries.length === 0;
      for (const delivery of deliveries) received.push(new QueuedMessage(delivery));
    }
  };
  await Promise.all(Array.from({ length: receiversAtOnce }, receive));
  return received;
}
