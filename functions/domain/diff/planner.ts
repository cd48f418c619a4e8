import { type Decision, decide } from "../decide.ts";
import { canonicalEmail } from "../email.ts";
import { type Change, changeSchema, type Kept, keptReasons, type PlanCounts } from "../plan.ts";
import type { QuarantinedRow } from "../quarantined-row.ts";
import type { Remembered } from "../remembered.ts";
import type { CurrentSubscriber, DesiredSubscriber } from "../subscriber.ts";
import type { Differences } from "./differences.ts";
import { findGuidOptOuts } from "./find-guid-opt-outs.ts";
import { KnownReaders } from "./known-readers.ts";
import type { Position } from "./record-arena.ts";
import { type GuidClaim, withholdSharedGuids } from "./withhold-shared-guids.ts";

/** An address of the source that no provider would accept, and that this one does not have. */
export interface Rejection extends QuarantinedRow {
  readonly kind: "rejected";
}

interface Sides {
  readonly current?: CurrentSubscriber;
  readonly desired?: DesiredSubscriber;
}

/** Decides on every entry on which the two sides of a list may differ. */
export class Planner {
  /** Complete when all `steps` have been taken. */
  readonly counts: PlanCounts;
  readonly #differences: Differences;
  readonly #readers: KnownReaders;

  constructor(differences: Differences, remembered: Remembered) {
    const { index, entries, shields } = differences;
    this.#differences = differences;
    const guidOptOuts = findGuidOptOuts(index, entries);
    this.#readers = new KnownReaders({ index, remembered, shields, guidOptOuts });
    const sharedGuids = withholdSharedGuids(index, entries, (entry) => this.#guidClaimOf(entry));
    this.counts = {
      current: { ...index.current },
      desired: { ...differences.desired, rejected: 0, sharedGuids, unreadableConsents: 0 },
      planned: { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0, unchanged: differences.same },
      kept: Object.fromEntries(keptReasons.map((reason) => [reason, 0])) as Record<Kept, number>,
    };
  }

  /** The fields that are compared, in the order of the records. */
  get columns(): readonly string[] {
    return this.#differences.index.columns;
  }

  /** Whether the two sides, as they are now, ask for exactly this change. */
  stillAsksFor(change: Change): boolean {
    const wanted = normalised(change);
    for (const entry of this.#differences.index.entriesOf(canonicalEmail(change.email))) {
      if (this.#differences.isSame(entry)) continue;
      const decision = this.#decide(entry, this.#sidesOf(entry));
      if (typeof decision === "object" && normalised(decision) === wanted) return true;
    }
    return false;
  }

  *steps(): Generator<Change | Rejection> {
    const { index, undeliverable, entries } = this.#differences;
    for (const entry of undeliverable) yield this.#reject(index.unpackDesired(entry));
    for (const entry of entries) {
      const decision = this.#decide(entry, this.#sidesOf(entry));
      if (typeof decision === "object") {
        this.counts.planned[decision.kind]++;
        yield decision;
      } else if (decision === "unchanged") this.counts.planned.unchanged++;
      else this.counts.kept[decision]++;
    }
  }

  #guidClaimOf(entry: Position): GuidClaim {
    const sides = this.#sidesOf(entry);
    const { current, desired } = sides;
    if (desired === undefined) return "none";
    const { comparable } = this.#differences.policy;
    if (comparable.guid && current?.fields["guid"] === desired.fields["guid"]) return "held";
    const decision = this.#decide(entry, sides);
    const isSent = typeof decision === "object" && "fields" in decision && "guid" in decision.fields;
    return isSent ? "sent" : "none";
  }

  #decide(entry: Position, { current, desired }: Sides): Decision {
    const circumstances = this.#readers.circumstancesOf(entry, current);
    return decide(current, desired, this.#differences.policy, circumstances);
  }

  #reject(desired: DesiredSubscriber): Rejection {
    this.counts.desired.subscribed--;
    this.counts.desired.rejected++;
    return { kind: "rejected", email: desired.email, reason: "no provider takes this e-mail address" };
  }

  #sidesOf(entry: Position): Sides {
    const { index } = this.#differences;
    const desired = index.desiredOf(entry);
    return {
      ...(index.isAtProvider(entry) && { current: index.unpackCurrent(entry) }),
      ...(desired !== undefined && { desired }),
    };
  }
}

/** Equal for equal changes, whether just decided or read from a stored plan. */
function normalised(change: Change): string {
  return JSON.stringify(changeSchema.parse(change));
}
