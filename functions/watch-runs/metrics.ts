import { alarmedCounts } from "../platform/metric-names.ts";
import type { MissingRun } from "../platform/run-metrics.ts";
import type { WatchReport } from "./report.ts";

/** What the watch's own metrics and reports are filed under, in place of a list's name. */
export const watchSubject = "schedules";

/** A look is counted even if there is no schedule to look at: an alarm watches that the watch goes on. */
export function metricsOf({ schedules, silent }: Partial<WatchReport>): Record<string, number> {
  if (schedules === undefined) return {};
  return { [alarmedCounts.schedulesWatched]: Math.max(1, schedules), SchedulesSilent: silent?.length ?? 0 };
}

export function missingRunsOf({ silent = [] }: Partial<WatchReport>): readonly MissingRun[] {
  return silent;
}
