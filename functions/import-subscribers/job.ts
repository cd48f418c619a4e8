import type { ListJob } from "../planning/list-job.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import type { Importer } from "../providers/importer.ts";
import type { ImportReport } from "./report.ts";

/** All that a run works with. */
export interface Job extends ListJob<ImportReport> {
  readonly importer: Importer;
  /** The same bucket as `store`, as a store of files. */
  readonly files: FileStore;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}
