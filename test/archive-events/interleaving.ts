import type { FileStore } from "../../functions/platform/storage/file-store.ts";

/** Serialises the calls of several runs to one store: once every run waits, it chooses which one goes on. */
export class Interleaving {
  readonly #choose: () => number;
  readonly #waiting = new Map<number, () => void>();
  #runs: number;

  constructor(runs: number, choose: () => number) {
    this.#runs = runs;
    this.#choose = choose;
  }

  /** The store as one of the runs sees it. */
  storeFor(run: number, store: FileStore): FileStore {
    const inTurn =
      <Input extends unknown[], Result>(work: (...input: Input) => Promise<Result>) =>
      async (...input: Input): Promise<Result> => {
        await new Promise<void>((resolve) => {
          this.#waiting.set(run, resolve);
          this.#next();
        });
        return await work.apply(store, input);
      };
    return {
      upload: inTurn(store.upload),
      describe: inTurn(store.describe),
      labelsOf: inTurn(store.labelsOf),
      label: inTurn(store.label),
      linkTo: inTurn(store.linkTo),
    };
  }

  /** Must be called when a run is over. */
  end(run: number): void {
    this.#waiting.delete(run);
    this.#runs--;
    this.#next();
  }

  #next(): void {
    if (this.#waiting.size === 0 || this.#waiting.size < this.#runs) return;
    const runs = [...this.#waiting.keys()].sort();
    const run = runs[this.#choose() % runs.length] ?? 0;
    const release = this.#waiting.get(run);
    this.#waiting.delete(run);
    release?.();
  }
}
