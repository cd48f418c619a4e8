import type { WatchedSchedule } from "./watch-configuration.ts";

/** A schedule that has been silent for too long. */
interface SilentSchedule extends WatchedSchedule {
  readonly lastSuccess: string;
}

export interface WatchReport {
  schedules: number;
  /** The schedules of which a run has succeeded before: the others have yet to begin. */
  begun: number;
  silent: readonly SilentSchedule[];
}
