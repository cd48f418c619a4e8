import { ListBusyError } from "../domain/errors.ts";
import { groupsOf } from "../domain/limits.ts";
import { runOfList } from "../planning/named-list.ts";
import { requireName } from "../planning/who-approves.ts";
import type { Run } from "../platform/run.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import { workOnList } from "../platform/work-on-list.ts";
import { askReaders } from "./ask-readers.ts";
import type { ReadMessage } from "./deliver-changes.ts";
import { doInRounds } from "./do-in-rounds.ts";
import type { DeliveryEvent, PushApproval, PushEvent } from "./event.ts";
import type { Job, PushDependencies } from "./job.ts";
import { historyOf, openJob, quarantineOf } from "./open-job.ts";
import { type PushedChange, type PushedOptIn, parseMessage } from "./push-message.ts";
import type { QueuedMessage } from "./queued-message.ts";
import type { PushReport } from "./report.ts";
import { nothingDone } from "./tally.ts";

/** How long a run waits for the list's lock, and how often it looks. Then its messages wait in the queue. */
const lockWait = { mostMs: 20_000, everyMs: 500 };
const busySeconds = 30;

/**
 * Brings readers at the provider into the state that the website has just sent. Each message that is done is finished; all
 * others stay in the queue, whatever the reason. Or lets pass what a person approves.
 *
 * @throws why messages wait, if nothing but time will help; InvalidEventError when there is no such list
 */
export async function pushChanges(
  event: PushEvent,
  dependencies: PushDependencies,
  run: Run<PushReport>,
): Promise<void> {
  if ("approve" in event) return approve(event, openJob(event, dependencies, run));
  const { messages } = event;
  Object.assign(run.report, { list: event.list, received: messages.length, held: 0, ...nothingDone() });
  try {
    await deliver(event, dependencies, run);
  } finally {
    run.report.done = messages.filter(({ isDone }) => isDone).length;
    run.report.waiting = messages.length - run.report.done;
  }
}

async function deliver(
  event: DeliveryEvent,
  dependencies: PushDependencies,
  run: Run<PushReport>,
): Promise<void> {
  const { list, messages } = event;
  const history = Object.hasOwn(dependencies.lists, list) ? historyOf(event, dependencies, run) : undefined;
  const { changes, optIns } = await readAndSetAside(
    messages,
    quarantineOf(dependencies.store, { list, runId: run.id }, history),
    run,
  );
  // Without the lock: what is set aside must not wait for it.
  if (run.report.quarantined) await history?.end();
  if (changes.length + optIns.length === 0) return;
  const job = openJob(event, dependencies, run);
  const failures: unknown[] = [];
  const keep = (error: unknown) => failures.push(error);
  if (changes.length > 0) {
    await withLock(job, changes, (memory) => doInRounds(changes, job, memory)).catch(keep);
  }
  await askReaders(optIns, dependencies.optInsOf(job.list, runOfList(run)), job).catch(keep);
  if (failures.length > 0) throw failures[0];
}

/** Reads the messages. Those that can never be right are done once they are recorded, whether or not there is such a list. */
async function readAndSetAside(
  messages: readonly QueuedMessage[],
  quarantine: Quarantine,
  { report, now }: Run<PushReport>,
): Promise<{ changes: ReadMessage<PushedChange>[]; optIns: ReadMessage<PushedOptIn>[] }> {
  const changes: ReadMessage<PushedChange>[] = [];
  const optIns: ReadMessage<PushedOptIn>[] = [];
  const wrong: QueuedMessage[] = [];
  for (const queued of messages) {
    const { body, id } = queued.delivery;
    const asked = parseMessage(body, now().getTime());
    if ("problem" in asked) {
      wrong.push(queued);
      await quarantine.add({ email: addressIn(body), reason: asked.problem, place: `message ${id}` });
    } else if (asked.kind === "change") changes.push({ queued, asked });
    else optIns.push({ queued, asked });
  }
  if (wrong.length > 0) await quarantine.finish();
  for (const queued of wrong) queued.finish();
  report.quarantined = wrong.length;
  return { changes, optIns };
}

/** Does the work while holding the list's lock, for which it waits a little: another push has it for a second. */
async function withLock(
  { list, store, provider, clock, run, history, ...job }: Job,
  messages: readonly ReadMessage<unknown>[],
  work: (memory: ListMemory) => Promise<void>,
): Promise<void> {
  const giveUpAt = clock.now() + lockWait.mostMs;
  for (;;) {
    const memory = job.openMemory();
    const { requests } = provider;
    try {
      return await workOnList(
        { list: list.name, store, memory, history, requests, run, describeProgress },
        () => work(memory),
      );
    } catch (error) {
      if (!(error instanceof ListBusyError)) throw error;
      if (clock.now() >= giveUpAt) {
        for (const { queued } of messages) queued.waitFor(busySeconds);
        throw error;
      }
      await clock.wait(lockWait.everyMs, run.signal);
    }
  }
}

/** What pushes did today in these groups does not count any more, so that as much again may pass. */
async function approve({ approve, approvedBy }: PushApproval, job: Job): Promise<void> {
  const { list, run } = job;
  requireName(list, { list: list.name, approve, ...(approvedBy !== undefined && { approvedBy }) });
  run.report.approval = { approve, ...(approvedBy !== undefined && { approvedBy }) };
  await withLock(job, [], async (memory) => {
    const budget = await memory.budget();
    await budget.forgive(approve.flatMap((limit) => groupsOf[limit]));
  });
}

function describeProgress({ applied }: Partial<PushReport>): string {
  const done = Object.values(applied ?? {}).reduce((sum, count) => sum + count, 0);
  return `${done} changes are done, and all other messages wait in the queue`;
}

/** For the quarantine, if a body that cannot be used has an address all the same. */
function addressIn(body: string): string {
  const [address = ""] = /[^\s"<>]+@[^\s"<>]+/.exec(body) ?? [];
  return address.slice(0, 254);
}
