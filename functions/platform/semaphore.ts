import pLimit from "p-limit";

/** Gives a place up; called again, it does nothing. */
export type Release = () => void;

/** Places for so many. Whoever enters waits for one, in the order of coming, and has it until leaving. */
export function createSemaphore(count: number): () => Promise<Release> {
  const limit = pLimit(count);
  return () =>
    new Promise((entered) => {
      void limit(() => new Promise<void>((release) => entered(release)));
    });
}
