import { NewsletterSyncError } from "../domain/errors.ts";

const attempts = 10;

/** The next run tries again: whenever a file was looked at, another run had changed it before it was written. */
class FileBusyError extends NewsletterSyncError {
  override readonly name = "FileBusyError";
  constructor() {
    super(`other runs wrote it at the same time, ${attempts} times over`);
  }
}

/** Looks and decides anew as long as another run writes first, which shows as undefined. */
export async function converge<Result>(decide: () => Promise<Result | undefined>): Promise<Result> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await decide();
    if (result !== undefined) return result;
  }
  throw new FileBusyError();
}
