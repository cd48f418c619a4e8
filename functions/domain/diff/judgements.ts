import { answer, type Judged } from "../answer.ts";
import { decide } from "../decide.ts";
import { canonicalEmail } from "../email.ts";
import { type Change, changeSchema } from "../plan.ts";
import type { Remembered } from "../remembered.ts";
import { type Return, returnSchema } from "../return.ts";
import type { Differences } from "./differences.ts";
import { KnownReaders } from "./known-readers.ts";
import type { Position } from "./record-arena.ts";

/** What becomes of an entry, at the provider and in the database. */
export interface Judgement extends Judged {
  readonly returned: Return | undefined;
}

type Sides = Omit<Judged, "decision">;

interface Knowledge {
  readonly remembered: Remembered;
  /** By entry: when its guid opted out under another address. */
  readonly guidOptOuts: ReadonlyMap<Position, number>;
}

/** What becomes of each entry on which the two sides may differ: the same whenever it is asked. */
export class Judgements {
  readonly #differences: Differences;
  readonly #readers: KnownReaders;

  constructor(differences: Differences, { remembered, guidOptOuts }: Knowledge) {
    const { index, policy, shields } = differences;
    this.#differences = differences;
    this.#readers = new KnownReaders({ index, policy, remembered, shields, guidOptOuts });
  }

  on(entry: Position): Judgement {
    const { policy } = this.#differences;
    const { current, desired } = this.sidesOf(entry);
    const circumstances = this.#readers.circumstancesOf(entry, current);
    const decision = decide(current, desired, policy, circumstances);
    const judged = { current, desired, decision };
    return { ...judged, returned: answer(judged, policy, circumstances) };
  }

  sidesOf(entry: Position): Sides {
    const { index } = this.#differences;
    return {
      current: index.isAtProvider(entry) ? index.unpackCurrent(entry) : undefined,
      desired: index.desiredOf(entry),
    };
  }

  /** Whether the two sides, as they are now, ask for exactly this row of a plan. */
  stillAskFor(row: Change | Return): boolean {
    const canonical = canonicalEmail(row.email);
    const wanted = normalised(row);
    for (const entry of this.#differences.index.entriesOf(canonical)) {
      if (this.#differences.isSame(entry)) continue;
      const { decision, returned } = this.on(entry);
      const asked = row.kind === "return" ? returned : decision;
      if (typeof asked === "object" && normalised(asked) === wanted) return true;
    }
    return false;
  }
}

/**
 * Equal for equal rows, whether just judged or read from a stored plan. Which of its spellings a return has may depend on
 * which side arrives first.
 */
function normalised(row: Change | Return): string {
  return JSON.stringify(
    row.kind === "return" ? { ...returnSchema.parse(row), email: "" } : changeSchema.parse(row),
  );
}
