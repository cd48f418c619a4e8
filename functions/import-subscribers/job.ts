import type { NamedList } from "../planning/named-list.ts";
import type { Run } from "../platform/run.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Importer } from "../providers/importer.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import type { ImportReport } from "./report.ts";

/** All that a run works with. */
export interface Job {
  readonly list: NamedList;
  readonly importer: Importer;
  readonly store: ObjectStore;
  /** The same bucket, as a store of files. */
  readonly files: FileStore;
  readonly memory: ListMemory;
  readonly run: Run<ImportReport>;
  openSource(): Promise<SourceReading>;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}
