import { NewsletterSyncError } from "./errors.ts";

/** Each time the file was to be written, another run had changed it since it was looked at. */
export class FileBusyError extends NewsletterSyncError {
  override readonly name = "FileBusyError";
  override readonly actor = "next run";
  constructor(attempts: number) {
    super(`other runs wrote the file at the same time, ${attempts} times over`);
  }
}

/** A file that was not archived; `reason` names columns and numbers, never a value. */
export interface ArchiveFailure {
  readonly event: string;
  readonly date: string;
  readonly reason: string;
}

const maxListedFailures = 20;

/** Some files were not archived; all others were. */
export class ArchiveIncompleteError extends NewsletterSyncError {
  override readonly name = "ArchiveIncompleteError";
  override readonly actor = "operator";
  constructor(
    failures: readonly ArchiveFailure[],
    { files, left, next }: { files: number; left: number; next: object | undefined },
  ) {
    const listed = failures
      .slice(0, maxListedFailures)
      .map(({ event, date, reason }) => `${event} of ${date} ${reason}`);
    const unlisted = failures.length - listed.length;
    if (unlisted > 0) listed.push(`and ${unlisted} more, which the report lists`);
    const goOn = next === undefined ? "" : `; go on with the event ${JSON.stringify(next)}`;
    const ahead = left === 0 ? "" : `. ${left} are left${goOn}`;
    super(`${failures.length} of ${files} files were not archived: ${listed.join("; ")}${ahead}`);
  }
}
