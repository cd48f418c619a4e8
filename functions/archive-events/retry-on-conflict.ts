import { FileBusyError } from "../domain/archive-errors.ts";

const maxAttempts = 10;

/**
 * Repeats a conditional write, from looking at what is stored, until no other run interferes.
 *
 * @param attemptWrite resolves to undefined when another run wrote first
 * @throws FileBusyError when every attempt met a conflict
 */
export async function retryOnConflict<Result>(
  attemptWrite: () => Promise<Result | undefined>,
): Promise<Result> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const result = await attemptWrite();
    if (result !== undefined) return result;
  }
  throw new FileBusyError(maxAttempts);
}
