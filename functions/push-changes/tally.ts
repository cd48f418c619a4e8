import type { Change, Kept } from "../domain/plan.ts";
import type { PushReport } from "./report.ts";

type Counts = Pick<PushReport, "quarantined" | "unchanged" | "kept" | "applied" | "optIns">;

/** What is reported of a run that has done nothing yet. */
export function nothingDone(): Counts {
  return {
    quarantined: 0,
    unchanged: 0,
    kept: {},
    applied: { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 },
    optIns: 0,
  };
}

export function countApplied({ applied }: Pick<PushReport, "applied">, changes: readonly Change[]): void {
  for (const { kind } of changes) applied[kind]++;
}

/** Counts a message that changes nothing. */
export function countKept(report: Pick<PushReport, "unchanged" | "kept">, kept: readonly Kept[]): void {
  if (kept.length === 0) report.unchanged++;
  for (const reason of kept) report.kept[reason] = (report.kept[reason] ?? 0) + 1;
}
