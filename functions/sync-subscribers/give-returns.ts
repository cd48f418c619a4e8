import { SinkError } from "../domain/errors.ts";
import { groupCounts, type PlanChunk, type PlanSummary } from "../domain/plan.ts";
import type { Return } from "../domain/return.ts";
import { readReturns } from "../planning/plan-rows.ts";
import type { Clock } from "../platform/clock.ts";
import { note, type Run } from "../platform/run.ts";
import type { RunHistory } from "../platform/storage/history/run-history.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Sink } from "../sinks/sink.ts";
import type { ReturnedCounts, SyncReport } from "./report.ts";

/** Returns may take this part of the time that is left, and no more than that: opt-outs wait for the provider meanwhile. */
const shareOfTime = 1 / 2;
const mostMs = 5 * 60_000;

/** After so many runs that told the database the same, it is not going to take it. */
const mostTold = 3;

export interface ReturnDependencies {
  readonly sink: Sink;
  readonly store: ObjectStore;
  readonly memory: ListMemory;
  readonly history: RunHistory | undefined;
  readonly clock: Clock;
  /** False to try everything in the database and leave nothing behind. */
  readonly commit: boolean;
  /** Whether the sides do not ask for a return any more, because either has changed. */
  isStale(told: Return): boolean;
}

/** What is reported of returns of which none was given to the database. */
export function nothingReturned(plan: PlanSummary, mayGo: boolean): ReturnedCounts {
  const total = groupCounts(plan).return;
  const waiting = mayGo ? 0 : total;
  return { taken: 0, statements: [], stale: 0, waiting, left: total - waiting, repeated: 0, notTaken: 0 };
}

/**
 * Gives the database the returns of a stored plan, all in one transaction. `run.report.returned` always tells what is done
 * and what is left.
 *
 * @throws SinkError, CredentialError, as the sink does, and when it takes too long; UnusablePlanError
 */
export async function giveReturns(
  plan: PlanSummary,
  dependencies: ReturnDependencies,
  run: Run<SyncReport>,
): Promise<void> {
  const { sink, memory, history, clock, commit } = dependencies;
  const counts = run.report.returned!;
  const limit = timeLimit(run, clock);
  try {
    const told = returnsOf(plan, { ...dependencies, counts }, run);
    const { rows, statements } = await sink.take(told, { commit, signal: limit.signal });
    counts.statements = statements;
    if (commit) {
      counts.taken = rows;
      counts.left -= rows;
      history?.confirmTold();
    }
    if (rows > 0) for (const text of notesOn(counts)) note(run, text);
  } catch (error) {
    if (chunksOf(plan).length > 0) (await memory.returns()).discard();
    throw error;
  } finally {
    limit.clear();
  }
}

interface Reading extends Omit<ReturnDependencies, "sink"> {
  readonly counts: ReturnedCounts;
}

async function* returnsOf(
  plan: PlanSummary,
  { store, memory, history, commit, isStale, counts }: Reading,
  run: Run<SyncReport>,
): AsyncGenerator<Return[]> {
  const chunks = chunksOf(plan);
  if (chunks.length === 0) return;
  const total = chunks.reduce((sum, { changes }) => sum + changes, 0);
  const remembered = await memory.returns();
  const sourceReadAt = Date.parse(plan.sourceReadAt);
  let given = 0;
  for (const chunk of chunks) {
    const stored = await readReturns(store, plan, chunk);
    const told = stored.filter((row) => !isStale(row));
    counts.stale += stored.length - told.length;
    counts.left -= stored.length - told.length;
    for (const row of told) {
      const times = remembered.timesTold(row);
      if (times > 0) counts.repeated++;
      if (times >= mostTold) counts.notTaken++;
      if (commit) remembered.record(row, { at: run.now().getTime(), sourceReadAt });
    }
    if (commit) history?.addTold(told);
    given += stored.length;
    run.progress("telling the database", given, total);
    if (told.length > 0) yield told;
  }
}

function chunksOf({ chunks }: PlanSummary): readonly PlanChunk[] {
  return chunks.filter(({ group }) => group === "return");
}

function* notesOn({ statements, repeated, notTaken }: ReturnedCounts): Generator<string> {
  for (const [index, rows] of statements.entries()) {
    if (rows === 0) yield `returns: statement ${index + 1} changed no row`;
  }
  if (repeated > 0) {
    const often = notTaken > 0 ? `, ${notTaken} of them ${mostTold} times or more` : "";
    yield `returns that earlier runs gave to the database, which still disagrees: ${repeated}${often}`;
  }
}

/** Ends the returns in time for the changes. */
function timeLimit(
  { stopsAt, now, signal }: Run<unknown>,
  clock: Clock,
): { signal: AbortSignal; clear(): void } {
  const ms = Math.min(mostMs, Math.max(0, stopsAt.getTime() - now().getTime()) * shareOfTime);
  const controller = new AbortController();
  const problem = `they were not done after ${Math.round(ms / 1000)} s, and none was taken`;
  const clear = clock.after(ms, () => controller.abort(new SinkError("the time limit", problem)));
  return { signal: AbortSignal.any([signal, controller.signal]), clear };
}
