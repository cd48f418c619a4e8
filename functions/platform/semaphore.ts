import pLimit from "p-limit";

/** Returns the permit; calling it again does nothing. */
export type Release = () => void;

/** A FIFO semaphore with `count` permits. @returns `acquire`, which waits for a permit */
export function createSemaphore(count: number): () => Promise<Release> {
  const limit = pLimit(count);
  return () =>
    new Promise((acquired) => {
      void limit(() => new Promise<void>((release) => acquired(release)));
    });
}
