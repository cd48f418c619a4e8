import { NewsletterSyncError } from "../../../domain/errors.ts";

/** A part of the mirror is missing or was altered. */
export class DamagedMirrorError extends NewsletterSyncError {
  override readonly name = "DamagedMirrorError";
  override readonly actor = "next run";
  readonly key: string;
  constructor(key: string) {
    super(`${key} is missing or damaged`);
    this.key = key;
  }
}
