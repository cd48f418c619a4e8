import type { Change } from "../domain/plan.ts";
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

/** A stored CSV of changes of one kind. */
export interface ImportFile {
  readonly kind: Change["kind"];
  /** Makes a link to it, valid for as long as the list's configuration says. */
  link(): Promise<string>;
  /** Its rows in their order, each time anew: for a provider that does not fetch files, or takes other ones. */
  changes(): Iterable<Change>;
}

/** One list at a provider that imports files. Every call retries what is worth retrying before it throws. */
export interface Importer extends ReadableList {
  /**
   * Has the provider import a file. The import may go on after the answer, and then no call tells how it ends. A file
   * imported twice changes nothing more.
   *
   * @param options.since when the run that made the file began, in ms since the epoch
   * @throws as countSubscribers
   */
  importFile(
    file: ImportFile,
    options: { readonly since: number; readonly signal: AbortSignal },
  ): Promise<ImportAnswer>;
}
