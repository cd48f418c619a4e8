import { type Decision, decide, type Kept, type Policy } from "../decide.ts";
import { canonicalEmail, isDeliverable } from "../email.ts";
import { type Change, changeSchema, type PlanCounts } from "../plan.ts";
import type { QuarantinedRow } from "../quarantined-row.ts";
import { statusCodes } from "../records/packed-record.ts";
import type { CurrentSubscriber, DesiredSubscriber } from "../subscriber.ts";
import { DesiredByEntry } from "./desired-by-entry.ts";
import type { DesiredMatcher } from "./desired-matcher.ts";
import { PositionList } from "./position-list.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";
import { type GuidClaim, withholdSharedGuids } from "./withhold-shared-guids.ts";

/** An address of the source that no provider would accept, and that this one does not have. */
export interface Rejection extends QuarantinedRow {
  readonly kind: "rejected";
}

export interface PlannerOptions {
  readonly index: SubscriberIndex;
  readonly matcher: DesiredMatcher;
  readonly policy: Omit<Policy, "comparable">;
}

interface Sides {
  readonly current?: CurrentSubscriber;
  readonly desired?: DesiredSubscriber;
}

/**
 * Decides on every entry of an index that is complete. Unsubscriptions come first: if the run is cut short, whoever
 * wants no more mail gets none.
 */
export class Planner {
  /** Complete when all `steps` have been taken. */
  readonly counts: PlanCounts;
  /** The fields that are compared, in the order of the records. */
  readonly columns: readonly string[];
  readonly #index: SubscriberIndex;
  readonly #policy: Policy;
  /** Entries on which the two sides may differ: those that may be unsubscribed, and the others. */
  readonly #leaving = new PositionList();
  readonly #others = new PositionList();

  constructor({ index, matcher, policy }: PlannerOptions) {
    this.#index = index;
    this.columns = index.columns;
    this.#policy = { ...policy, comparable: index.comparable };
    new DesiredByEntry(index).ignoreHiddenFields();
    this.counts = {
      current: { ...index.current },
      desired: { ...matcher.desired, rejected: 0, sharedGuids: 0 },
      planned: {
        subscribe: 0,
        resubscribe: 0,
        update: 0,
        unsubscribe: 0,
        unchanged: 0,
      },
      kept: { optedOut: 0, bounced: 0, recent: 0, onlyAtProvider: 0 },
    };
    this.#collectEntries();
    const claimOf = (entry: Position) => this.#guidClaimOf(entry);
    this.counts.desired.sharedGuids = withholdSharedGuids(index, this.#others, claimOf);
  }

  #collectEntries(): void {
    this.#index.forEachEntry((entry) => {
      if (this.#isSame(entry)) this.counts.planned.unchanged++;
      else (this.#mayLeave(entry) ? this.#leaving : this.#others).push(entry);
    });
  }

  /** Whether the two sides, as they are now, ask for exactly this change. */
  stillAsksFor(change: Change): boolean {
    const wanted = normalised(change);
    for (const entry of this.#index.entriesOf(canonicalEmail(change.email))) {
      if (this.#isSame(entry)) continue;
      const decision = this.#decide(this.#sidesOf(entry));
      if (typeof decision === "object" && normalised(decision) === wanted) return true;
    }
    return false;
  }

  *steps(): Generator<Change | Rejection> {
    for (const entry of this.#leaving) yield* this.#stepsFor(entry);
    for (const entry of this.#others) yield* this.#stepsFor(entry);
  }

  /** Subscribed at the provider, and unsubscribed in the database or not in it. */
  #mayLeave(entry: Position): boolean {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.separate) {
      return records.statusOf(records.desiredRecordOf(entry)) === statusCodes.unsubscribed;
    }
    return match === matches.onlyCurrent && records.statusOf(entry) === statusCodes.subscribed;
  }

  /** Whether nothing is to be done, as far as the head of the record tells. */
  #isSame(entry: Position): boolean {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.sameSubscribed || match === matches.sameUnsubscribed) return true;
    return match === matches.onlyCurrent && records.statusOf(entry) === statusCodes.unsubscribed;
  }

  #guidClaimOf(entry: Position): GuidClaim {
    const sides = this.#sidesOf(entry);
    const { current, desired } = sides;
    if (desired === undefined || isUnreachable(current, desired)) return "none";
    if (this.#policy.comparable.guid && current?.fields["guid"] === desired.fields["guid"]) return "held";
    const decision = this.#decide(sides);
    const isSent = typeof decision === "object" && "fields" in decision && "guid" in decision.fields;
    return isSent ? "sent" : "none";
  }

  *#stepsFor(entry: Position): Generator<Change | Rejection> {
    const sides = this.#sidesOf(entry);
    const { current, desired } = sides;
    if (desired !== undefined && isUnreachable(current, desired)) {
      yield this.#reject(desired);
      return;
    }
    const decision = this.#decide(sides);
    if (typeof decision === "object") {
      this.counts.planned[decision.kind]++;
      yield decision;
    } else if (decision === "unchanged") this.counts.planned.unchanged++;
    else this.counts.kept[decision satisfies Kept]++;
  }

  /** Decides on one spelling. An opt-out or a bounce of any spelling keeps the others from being resubscribed. */
  #decide({ current, desired }: Sides): Decision {
    const decision = decide(current, desired, this.#policy);
    if (typeof decision !== "object" || decision.kind !== "resubscribe") return decision;
    for (const spelling of this.#index.entriesOf(canonicalEmail(decision.email))) {
      const sides = this.#sidesOf(spelling);
      const other = decide(sides.current, sides.desired, this.#policy);
      if (other === "optedOut" || other === "bounced") return other;
    }
    return decision;
  }

  #reject(desired: DesiredSubscriber): Rejection {
    this.counts.desired.subscribed--;
    this.counts.desired.rejected++;
    return {
      kind: "rejected",
      email: desired.email,
      reason: "no provider takes this e-mail address",
    };
  }

  #sidesOf(entry: Position): Sides {
    const index = this.#index;
    const match = index.records.matchOf(entry);
    if (match === matches.onlyDesired) return { desired: index.unpackDesired(entry) };
    return {
      ...(index.isAtProvider(entry) && { current: index.unpackCurrent(entry) }),
      ...(match === matches.separate && {
        desired: index.unpackDesired(index.records.desiredRecordOf(entry)),
      }),
    };
  }
}

/** An address that is new and that no provider would accept. */
function isUnreachable(current: CurrentSubscriber | undefined, desired: DesiredSubscriber): boolean {
  return current === undefined && desired.subscribed && !isDeliverable(canonicalEmail(desired.email));
}

/** Equal for equal changes, whether just decided or read from a stored plan. */
function normalised(change: Change): string {
  return JSON.stringify(changeSchema.parse(change));
}
