import { seededRandom } from "../../infra/sandbox/seeded-random.ts";

/** All that is random in one history, reproducible from its seed. */
export class Chance {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(`history ${seed}`);
  }

  happens(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  /** @param choices at least one */
  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)]!;
  }
}
