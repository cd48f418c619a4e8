import { FileBusyError } from "../domain/errors.ts";

const attempts = 10;

/**
 * Looks and decides anew as long as another run writes first, which shows as undefined.
 *
 * @throws FileBusyError when one always does
 */
export async function retryOnConflict<Result>(decide: () => Promise<Result | undefined>): Promise<Result> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await decide();
    if (result !== undefined) return result;
  }
  throw new FileBusyError(attempts);
}
