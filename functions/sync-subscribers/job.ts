import type { NamedList } from "../planning/named-list.ts";
import type { Run } from "../platform/run.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { Provider } from "../providers/provider.ts";
import type { Sink } from "../sinks/sink.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import type { SyncReport } from "./report.ts";

/** All that a run works with. */
export interface Job {
  readonly list: NamedList;
  readonly provider: Provider;
  readonly store: ObjectStore;
  readonly quarantine: Quarantine;
  readonly memory: ListMemory;
  /** Where the list's returns go; undefined if it does not say. */
  readonly sink: Sink | undefined;
  readonly run: Run<SyncReport>;
  openSource(): Promise<SourceReading>;
}
