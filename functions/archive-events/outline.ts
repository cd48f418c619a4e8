import type { RunOutline } from "../platform/run-event.ts";
import type { ArchiveReport } from "./report.ts";

/** What the event of a run tells of it: the documentation explains each count. */
export function outlineOf({ files = [], missing = 0, left = 0 }: Partial<ArchiveReport>): RunOutline {
  const count = (...outcomes: readonly string[]) =>
    files.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return { counts: { stored: count("stored", "replaced"), failed: count("failed"), missing, left } };
}
