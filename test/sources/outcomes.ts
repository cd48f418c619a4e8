/** The error with which the work fails. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("nothing failed"),
    (error: Error) => error,
  );
}

/** The error that the work throws. */
export function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return new Error("nothing was thrown");
}

/** Polls until the condition holds, or the test times out. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
