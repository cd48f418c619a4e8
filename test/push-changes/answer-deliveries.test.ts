import { expect, test } from "vitest";
import type { Delivery, Queue, Wait } from "../../functions/platform/queue/queue.ts";
import { answerDeliveries } from "../../functions/push-changes/answer-deliveries.ts";
import type { QueuedMessage } from "../../functions/push-changes/queued-message.ts";

function delivery(id: string, group = id, list = "daily"): Delivery {
  return { id, group, body: JSON.stringify({ list }), receives: 1, receipt: `receipt-${id}` };
}

/** A queue that holds these messages, a few of which it gives out at once. */
class TestQueue implements Queue {
  readonly removed: string[] = [];
  readonly postponed: string[] = [];
  readonly #waiting: Delivery[];
  constructor(waiting: readonly Delivery[] = []) {
    this.#waiting = [...waiting];
  }
  async receive() {
    return this.#waiting.splice(0, 2);
  }
  async remove(deliveries: readonly Delivery[]) {
    this.removed.push(...deliveries.map(({ id }) => id));
  }
  async postpone(waits: readonly Wait[]) {
    this.postponed.push(...waits.map(({ delivery }) => delivery.id));
  }
}

const finish =
  (...ids: string[]) =>
  async (_list: string, messages: readonly QueuedMessage[]) => {
    for (const message of messages) if (ids.includes(message.delivery.id)) message.finish();
  };

test("what is not done is given out again, with all that stands behind it in its group", async () => {
  const queue = new TestQueue();
  const batch = [delivery("1", "ada"), delivery("2", "bob"), delivery("3", "ada"), delivery("4", "bob")];
  const failed = await answerDeliveries(batch, { queue, push: finish("1", "3", "4") });
  expect(failed).toEqual(["2", "4"]);
  expect(queue.postponed).toEqual(["2", "4"]);
  expect(queue.removed).toEqual([]);
});

test("if the work on a list fails, its messages wait, and those of other lists do not", async () => {
  const queue = new TestQueue();
  const push = async (list: string, messages: readonly QueuedMessage[]) => {
    if (list === "daily") throw new Error("down");
    for (const message of messages) message.finish();
  };
  const batch = [delivery("1"), delivery("2", "2", "weekly")];
  expect(await answerDeliveries(batch, { queue, push })).toEqual(["1"]);
});

test("no list may take the time of those that follow it", async () => {
  const shares: number[] = [];
  const push = async (_list: string, _messages: readonly QueuedMessage[], share: number) =>
    void shares.push(share);
  const batch = ["daily", "weekly", "magazine", "daily"].map((list, n) => delivery(`${n}`, `${n}`, list));
  await answerDeliveries(batch, { queue: new TestQueue(), push });
  expect(shares).toEqual([1 / 3, 1 / 2, 1]);
});

test("a message that names no list is worked on, too", async () => {
  const lists: string[] = [];
  const push = async (list: string) => void lists.push(list);
  await answerDeliveries([{ ...delivery("1"), body: "no JSON" }], { queue: new TestQueue(), push });
  expect(lists).toEqual(["unknown"]);
});

const full = Array.from({ length: 10 }, (_, n) => delivery(`given-${n}`));

test("behind a full batch, all that waits is worked on, and what is done of it is taken out of the queue", async () => {
  const queue = new TestQueue([delivery("a"), delivery("b"), delivery("c")]);
  const ids = full.map(({ id }) => id);
  expect(await answerDeliveries(full, { queue, push: finish(...ids, "a", "c") })).toEqual([]);
  expect(queue.removed).toEqual(["a", "c"]);
  expect(queue.postponed).toEqual(["b"]);
});

test("a queue that fails meanwhile loses no message", async () => {
  const queue = new TestQueue();
  queue.receive = () => Promise.reject(new Error("down"));
  queue.remove = () => Promise.reject(new Error("down"));
  expect(await answerDeliveries(full, { queue, push: finish() })).toEqual(full.map(({ id }) => id));
});
