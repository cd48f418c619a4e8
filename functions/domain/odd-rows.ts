import { ProviderContractError } from "./provider-errors.ts";

/** A row of the provider's list that is nobody's as it stands, such as one without an address. */
export interface OddRow {
  /** Where the provider lists it, as messages name it: `row 17 of the page at offset 20000`. */
  readonly place: string;
  /** What is odd about it, in words of ours: none of the row's. */
  readonly problem: string;
}

/** Odd rows up to here are set aside: they may be readers whom the provider made anonymous. */
const few = { atLeast: 10, ratio: 0.001 };

/** The odd rows of one reading of a list. */
export class OddRows {
  readonly rows: OddRow[] = [];
  readonly #bound: number;

  /** @param expected how many rows the provider counted */
  constructor(expected: number) {
    this.#bound = Math.max(few.atLeast, Math.floor(few.ratio * expected));
  }

  get count(): number {
    return this.rows.length;
  }

  /** @throws ProviderContractError when they are more than a few: the list is then not what it is taken for */
  add(rows: readonly OddRow[]): void {
    for (const row of rows) this.rows.push(row);
    if (this.count <= this.#bound) return;
    throw new ProviderContractError(
      "the provider's list",
      `${this.count} of its rows are nobody's as they stand, and at most ${this.#bound} may be ` +
        `(${this.#problems()}; the first is ${this.rows[0]!.place})`,
    );
  }

  /** What a person should know of them. */
  notes(): string[] {
    if (this.count === 0) return [];
    return [
      `rows at the provider that are nobody's as they stand, and are in the quarantine: ${this.count} (${this.#problems()})`,
    ];
  }

  #problems(): string {
    const counts = new Map<string, number>();
    for (const { problem } of this.rows) counts.set(problem, (counts.get(problem) ?? 0) + 1);
    return Array.from(counts, ([problem, count]) => `${problem}: ${count}`).join(", ");
  }
}
