import { NewsletterSyncError } from "../domain/errors.ts";

/** Without what a mirror shows, the next run could subscribe a reader again who left a list. Nothing was erased. */
export class ErasureRefusedError extends NewsletterSyncError {
  override readonly name = "ErasureRefusedError";
  override readonly actor = "operator";
  constructor(list: string) {
    super(
      `the database still has the reader as a subscriber of the list "${list}", and what a run knows of why they are out of ` +
        "it is in the mirror alone: without that, the next run could subscribe them again. Delete the reader in the " +
        "database, or let it say that they are unsubscribed; then send the event again",
    );
  }
}
