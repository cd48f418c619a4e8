import type { ListJob } from "../planning/list-job.ts";
import type { Clock } from "../platform/clock.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import type { Sink } from "../sinks/sink.ts";
import type { SyncReport } from "./report.ts";

/** All that a run works with. */
export interface Job extends ListJob<SyncReport> {
  readonly provider: Provider;
  readonly quarantine: Quarantine;
  /** Where the list's returns go; undefined if it does not say. */
  readonly sink: Sink | undefined;
  readonly clock: Clock;
}
