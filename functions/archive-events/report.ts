import type { EventName } from "../providers/ownpage/event-columns.ts";
import type { RangeEvent } from "./event.ts";

/** One event's file of one day. */
export interface EventFile {
  readonly event: EventName;
  /** YYYY-MM-DD */
  readonly date: string;
}

/** What became of a file that was asked for at the provider. */
export interface FileReport extends EventFile {
  /** Where the file stands, or would. */
  readonly key: string;
  /** Of the CSV as the provider sent it, without its header; absent when none came. */
  readonly rows?: number;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly outcome: "stored" | "unchanged" | "replaced" | "unavailable" | "failed";
  readonly reason?: string;
  /** Columns that no documentation names; they are kept. */
  readonly unknownColumns?: readonly string[];
  /** Where a file that was refused is kept, so that nothing is lost. */
  readonly keptAside?: string;
}

/** What a run fetched and stored: numbers and names, never an address. */
export interface ArchiveReport {
  /** The oldest day first. */
  files: readonly FileReport[];
  /** Files that were not fetched, as they stand and get no more rows. */
  settled: number;
  /** Files that were not come to. */
  left: number;
  /** Files that were come to, and that the archive has no version of. */
  missing: number;
  /** What to send for the rest of a range. */
  next?: RangeEvent;
  requests: { sent: number; retried: number };
  ms: number;
}
