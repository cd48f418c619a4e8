import { counted, type Failure, listed, whoActsNext } from "../platform/run-summary.ts";
import type { WatchReport } from "./report.ts";

/** `12 schedules watched; nothing for too long: sync-subscribers daily since 2026-11-30T05:00:00.000Z` */
export function summaryOf(
  { schedules, begun, silent = [] }: Partial<WatchReport>,
  failure?: Failure,
): string {
  const missing = silent.map((schedule) => {
    return `${schedule.function} ${schedule.subject} since ${schedule.lastSuccess}`;
  });
  return listed([
    schedules !== undefined && `${counted(schedules, "schedule")} watched`,
    schedules !== undefined && begun !== schedules && `${schedules - (begun ?? 0)} yet to begin`,
    missing.length > 0 && `nothing for too long: ${missing.join(", ")}`,
    failure && whoActsNext(failure),
  ]);
}
