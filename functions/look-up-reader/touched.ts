import { returnKinds } from "../domain/return.ts";
import type { Deed, HistoryRecord } from "../platform/storage/history/history-block.ts";
import type { TouchingRun } from "./read-history.ts";

/** What became of a row of a plan. */
type Outcome = "done" | "refused" | "waits" | "not done" | "unknown";

/** One thing that a run did to the reader, or was to do. */
export interface Touched {
  readonly at: string;
  readonly run: string;
  readonly job: string;
  /** `schedule`, `hand` or `approval`. */
  readonly startedBy: TouchingRun["startedBy"];
  readonly approvedBy?: string;
  /** The plan that an approval applied. */
  readonly plan?: string;
  readonly deed: Deed;
  readonly reason: string;
  /** When what it answers happened at the provider. */
  readonly causeAt?: string;
  readonly outcome: Outcome;
  /** Why the row was set aside or refused, as long as the quarantine has it. */
  readonly quarantined?: string;
  /** If later runs did the same, one after the other: how often all in all, and when the last one did. */
  readonly times?: number;
  readonly lastAt?: string;
}

/** What runs did again and again becomes one of it: a damaged row is set aside by every run. */
export function collapse(history: readonly Touched[]): Touched[] {
  const collapsed: Touched[] = [];
  for (const touched of history) {
    const last = collapsed.at(-1);
    if (last === undefined || sortOf(last) !== sortOf(touched)) collapsed.push(touched);
    else {
      const { times = 1 } = last;
      // The newer one, whose reasons are in the quarantine for longer.
      collapsed[collapsed.length - 1] = { ...touched, at: last.at, times: times + 1, lastAt: touched.at };
    }
  }
  return collapsed;
}

function sortOf({ job, startedBy, approvedBy, plan, deed, reason, causeAt, outcome }: Touched): string {
  return JSON.stringify([job, startedBy, approvedBy, plan, deed, reason, causeAt, outcome]);
}

/** @param quarantined the reasons in the run's quarantine of this reader's rows */
export function touchesOf(run: TouchingRun, quarantined: readonly string[]): Touched[] {
  const byDeed = Map.groupBy(run.records, ({ deed }) => deed);
  const outcomes = [...byDeed].flatMap(([deed, records]) =>
    outcomesOf(run, deed, records).map((outcome) => ({ deed, records, outcome })),
  );
  return outcomes.map(({ deed, records, outcome }) => {
    const { reason } = records.find((record) => record.reason !== "") ?? { reason: "" };
    const { at: causeAt } = records.find(({ at }) => at !== undefined) ?? {};
    const isQuarantined = (outcome === "refused" || deed === "setAside") && quarantined.length > 0;
    return {
      at: run.at,
      run: run.run,
      job: run.job,
      startedBy: run.startedBy,
      ...(run.approvedBy !== undefined && { approvedBy: run.approvedBy }),
      ...(run.applies !== undefined && { plan: run.applies }),
      deed,
      reason,
      ...(causeAt !== undefined && { causeAt: new Date(causeAt).toISOString() }),
      outcome,
      ...(isQuarantined && { quarantined: quarantined.join("; ") }),
    };
  });
}

export function isReturn(deed: Deed): boolean {
  return returnKinds.some((kind) => kind === deed);
}

/** One as a rule; of a reader with two spellings, the provider may refuse one and take the other. */
function outcomesOf(run: TouchingRun, deed: Deed, records: readonly HistoryRecord[]): Outcome[] {
  const has = (stage: HistoryRecord["stage"]) => records.some((record) => record.stage === stage);
  const isDone = has("done") && (!isReturn(deed) || run.hasTold);
  if (isDone || has("refused"))
    return [...(isDone ? ["done" as const] : []), ...(has("refused") ? ["refused" as const] : [])];
  return [outcomeOfUnanswered(run, deed)];
}

function outcomeOfUnanswered(run: TouchingRun, deed: Deed): Outcome {
  if (!run.isOver) return "unknown";
  const group = isReturn(deed) ? "return" : deed;
  const wasAsked = [...run.delivers].some((delivered) => delivered === group);
  if (!wasAsked) return "waits";
  // The provider fetches a file whole, and says nothing of its rows.
  return run.job === "import-subscribers" ? "done" : "not done";
}
