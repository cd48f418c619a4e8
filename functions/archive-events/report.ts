import type { RequestCounts } from "../platform/http/http.ts";
import type { EventFile } from "../providers/event-files.ts";
import type { RangeEvent } from "./event.ts";

/** What became of a file that was requested from the provider. */
export interface FileReport extends EventFile {
  /** Where the file is stored, or would be. */
  readonly key: string;
  /** Of the CSV as the provider sent it, without its header; absent if none came. */
  readonly rows?: number;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly outcome: "stored" | "unchanged" | "replaced" | "empty" | "unavailable" | "failed";
  readonly reason?: string;
  /** Undocumented columns; they are kept. */
  readonly unknownColumns?: readonly string[];
  /** Where a refused file is kept, so that nothing is lost. */
  readonly keptAside?: string;
}

/** What a run fetched and stored: numbers and names, never an address. */
export interface ArchiveReport {
  /** The oldest day first. */
  files: readonly FileReport[];
  /** Files that were skipped, because they are stored and get no more rows. */
  settled: number;
  /** Files that were not reached. */
  left: number;
  /** Files that were reached, and of which the archive has no version. */
  missing: number;
  /** How many of them no scheduled run asks for again, because their day leaves the look-back window. */
  lost: number;
  /** Why a schedule's run could not begin: nothing is set up yet. */
  problem?: string;
  /** The event to send for the rest of a range. */
  next?: RangeEvent;
  requests: RequestCounts;
  ms: number;
}
