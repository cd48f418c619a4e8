import type { ReadableList } from "./provider.ts";

/** The states of an import that are let into a report: any other word might be anything. */
export const importStatuses = [
  "uploaded",
  "pending",
  "queued",
  "processing",
  "importing",
  "done",
  "imported",
  "completed",
  "error",
  "failed",
] as const;

/** What a provider says of a file it was told to import. It goes into reports: nothing in it can be an address or a link. */
export interface ImportAnswer {
  readonly id: number | "unknown";
  readonly status: (typeof importStatuses)[number] | "unknown";
  /** How many bytes it fetched; absent when it does not say. */
  readonly bytes?: number;
}

/** One list at a provider that imports files. Every call retries what is worth retrying before it throws. */
export interface Importer extends ReadableList {
  /**
   * Tells the provider to fetch a CSV and import it. The import goes on after the answer, and no call tells how
   * it ends. A file imported twice changes nothing more.
   *
   * @param url must be reachable by the provider for as long as the import may wait
   * @throws as countSubscribers
   */
  importFile(url: string, signal: AbortSignal): Promise<ImportAnswer>;
}
