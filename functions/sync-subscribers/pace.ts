/** How many rows of the source may be matched before as many of the provider have come. */
const lead = 50_000;

/**
 * Keeps the source in step with the provider. The provider takes its time over each page; a source that is read faster
 * would have the thread to itself at first, keep pages waiting, and be done long before them.
 */
export class Pace {
  #reached = 0;
  #wake: () => void = () => undefined;

  /** Tells how many rows of the provider have come; Infinity when no more will. */
  reach(rows: number): void {
    this.#reached = rows;
    this.#wake();
  }

  /** Waits until the provider has come as far as so many rows of the source may be. One waits at a time. */
  async keep(rows: number): Promise<void> {
    while (rows > this.#reached + lead) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
