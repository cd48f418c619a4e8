import { applyBatch } from "../domain/apply-batch.ts";
import { canonicalEmail } from "../domain/email.ts";
import { Narrowing } from "../domain/narrowing.ts";
import { type Change, type Group, groupOf, noChanges } from "../domain/plan.ts";
import { maxBatchBytes, sentBytes } from "../domain/sent-bytes.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { WriteOptions } from "../providers/provider.ts";
import type { Job } from "./job.ts";

export interface SendOptions {
  readonly memory: ListMemory;
  /** How many addresses the list had when it was looked at. */
  readonly held: number;
  /** Called with changes that the provider accepted. */
  onApplied(changes: readonly Change[]): void;
  /** Called with a change that it refused, and that is in the quarantine. */
  onRefused(change: Change): void;
}

/** What became of changes that were sent. */
export interface Sent {
  /** How many of each group were accepted and count against the limits of the day. */
  readonly delivered: Readonly<Record<Group, number>>;
  /** Why what was neither accepted nor refused was not sent; undefined if it was only stale. */
  readonly failure: unknown;
}

/** Sends changes, the unsubscriptions before all others. What is neither accepted nor refused is to be looked at again. */
export async function sendChanges(
  changes: readonly Change[],
  { provider, quarantine, history, list, run }: Job,
  { memory, held, onApplied, onRefused }: SendOptions,
): Promise<Sent> {
  const [acts, refusals] = await Promise.all([memory.acts(), memory.refusals()]);
  const options: WriteOptions = { since: run.startedAt.getTime(), held, signal: run.signal };
  const narrowing = new Narrowing();
  const delivered = noChanges();
  const rows = Math.min(list.configuration.batchSize, provider.maxBatchRows);
  let problem: unknown;
  for (const [index, part] of inParts(changes, rows).entries()) {
    const write = (some: readonly Change[], tries: "usual" | "few") =>
      provider.writeBatch(some, { ...options, tries });
    const { applied, refused, suspects, failure } = await applyBatch(part, {
      batch: index + 1,
      write,
      narrowing,
    });
    for (const change of applied) {
      if (!refusals.wasRefused(change)) delivered[groupOf(change)]++;
      // Whom a push subscribed keeps their days of grace: the database may have them a moment later.
      if (change.kind === "unsubscribe")
        acts.record(canonicalEmail(change.email), "unsubscribed", run.now().getTime());
      refusals.forget(change);
    }
    history?.addApplied(applied);
    onApplied(applied);
    for (const { change, reason } of refused) {
      await quarantine.add({ email: change.email, reason, change });
      refusals.record(change, run.now().getTime());
    }
    // A message is done once its row is recorded.
    if (refused.length > 0) await quarantine.finish();
    for (const { change } of refused) onRefused(change);
    // A row at which the provider fails holds up no other.
    problem ??= suspects[0]?.error;
    if (failure !== undefined) return { delivered, failure };
  }
  return { delivered, failure: problem };
}

/** Batches that are small enough, and have unsubscriptions alone or none. */
function inParts(changes: readonly Change[], rows: number): Change[][] {
  const { yes: first = [], no: rest = [] } = Object.groupBy(changes, ({ kind }) =>
    kind === "unsubscribe" ? "yes" : "no",
  );
  return [first, rest].flatMap((ofPhase) => {
    const parts: Change[][] = [];
    let bytes = Number.POSITIVE_INFINITY;
    for (const change of ofPhase) {
      const size = sentBytes(change);
      if (bytes + size > maxBatchBytes || parts.at(-1)!.length === rows) {
        parts.push([]);
        bytes = 0;
      }
      bytes += size;
      parts.at(-1)!.push(change);
    }
    return parts;
  });
}
