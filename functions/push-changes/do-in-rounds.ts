import type { ListMemory } from "../platform/storage/list-memory.ts";
import { doRound } from "./change-round.ts";
import type { ReadMessage } from "./deliver-changes.ts";
import type { Job } from "./job.ts";
import type { PushedChange } from "./push-message.ts";

/**
 * Does what messages ask for, a reader's in their order. In each round a reader has one message, and a guid too: a provider
 * takes each once. To be called while holding the list's lock.
 *
 * @throws the first failure, after the later rounds
 */
export async function doInRounds(
  changes: readonly ReadMessage<PushedChange>[],
  job: Job,
  memory: ListMemory,
): Promise<void> {
  const failures: unknown[] = [];
  let known = memory;
  for (let waiting = changes; ; ) {
    const { round, later } = nextRound(waiting);
    await doRound(round, job, known).catch((error: unknown) => failures.push(error));
    waiting = mayFollow(round, later);
    if (waiting.length === 0 || job.run.signal.aborted) break;
    // What a round did is remembered by the next one.
    known = job.openMemory();
    await known.begin({ isFirstRun: false });
  }
  if (failures.length > 0) throw failures[0];
}

interface Rounds {
  readonly round: readonly ReadMessage<PushedChange>[];
  readonly later: readonly ReadMessage<PushedChange>[];
}

function nextRound(waiting: readonly ReadMessage<PushedChange>[]): Rounds {
  const taken = new Set<string>();
  const { yes: round = [], no: later = [] } = Object.groupBy(waiting, ({ asked }) => {
    const { guid } = asked.desired.fields;
    const names = [asked.canonical, ...(guid ? [`guid ${guid}`] : [])];
    const isFree = names.every((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    return isFree ? "yes" : "no";
  });
  return { round, later };
}

/**
 * What of the later messages may be done: one that stands behind a message that waits has to wait, too. But no opt-out waits
 * for what it takes back.
 */
function mayFollow(round: Rounds["round"], later: Rounds["later"]): Rounds["later"] {
  const left = new Set(round.filter(({ queued }) => !queued.isDone).map(({ asked }) => asked.canonical));
  return later.filter(({ asked }) => !asked.desired.subscribed || !left.has(asked.canonical));
}
