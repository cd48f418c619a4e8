import { type Decision, decide, type Kept, type Policy } from "../decide.ts";
import { canonicalEmail, isDeliverable } from "../email.ts";
import { type Change, changeSchema, type PlanCounts } from "../plan.ts";
import { statusCodes } from "../records/packed-record.ts";
import { PositionList } from "../records/position-list.ts";
import { matches } from "../records/record-arena.ts";
import { unpackCurrent, unpackDesired } from "../records/unpack-subscriber.ts";
import type { CurrentSubscriber, DesiredSubscriber } from "../subscriber.ts";
import type { DesiredMatcher } from "./desired-matcher.ts";
import { Settler } from "./settler.ts";
import { type GuidClaim, withholdSharedGuids } from "./shared-guids.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** An address of the source that no provider would take, and that this one does not have. */
export interface Rejection {
  readonly kind: "rejected";
  readonly email: string;
  readonly reason: string;
}

export interface PlannerOptions {
  readonly index: SubscriberIndex;
  readonly matcher: DesiredMatcher;
  readonly policy: Omit<Policy, "comparable">;
}

/**
 * Goes over everything that the two sides hold and yields what is to be done, the unsubscriptions first: if the
 * run is cut short, whoever wants no more mail has been heard. `counts` is complete at the end.
 */
export class Planner {
  readonly counts: PlanCounts;
  /** The fields that are compared. */
  readonly columns: readonly string[];
  readonly #index: SubscriberIndex;
  readonly #policy: Policy;
  /** Entries on which the two sides may disagree: those that may leave the list, and the others. */
  readonly #leaving = new PositionList();
  readonly #others = new PositionList();

  constructor({ index, matcher, policy }: PlannerOptions) {
    this.#index = index;
    this.columns = index.columns;
    this.#policy = { ...policy, comparable: index.comparable };
    new Settler(index).settleWhatIsHidden();
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
    this.#sortOut();
    const claimOf = (entry: number) => this.#guidClaimOf(entry);
    this.counts.desired.sharedGuids = withholdSharedGuids(index, this.#others, claimOf);
  }

  #sortOut(): void {
    this.#index.forEachEntry((entry) => {
      if (this.#agrees(entry)) this.counts.planned.unchanged++;
      else (this.#mayLeave(entry) ? this.#leaving : this.#others).push(entry);
    });
  }

  /** Whether both sides, as they are now, still ask for exactly this change. */
  stillAsksFor(change: Change): boolean {
    const asked = normalised(change);
    for (const entry of this.#index.entriesOf(canonicalEmail(change.email))) {
      if (this.#agrees(entry)) continue;
      const { current, desired } = this.#sidesOf(entry);
      const decision = this.#decisionOn(current, desired);
      if (typeof decision === "object" && normalised(decision) === asked) return true;
    }
    return false;
  }

  *steps(): Generator<Change | Rejection> {
    for (const entry of this.#leaving) yield* this.#decideEntry(entry);
    for (const entry of this.#others) yield* this.#decideEntry(entry);
  }

  /** Subscribed at the provider, and unsubscribed in the database or not in it. */
  #mayLeave(entry: number): boolean {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.linked) {
      return records.statusOf(records.linkOf(entry)) === statusCodes.unsubscribed;
    }
    return match === matches.none && records.statusOf(entry) === statusCodes.subscribed;
  }

  /** Both sides agree, as far as the record's head tells. */
  #agrees(entry: number): boolean {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.same || match === matches.bothUnsubscribed) return true;
    return match === matches.none && records.statusOf(entry) === statusCodes.unsubscribed;
  }

  #guidClaimOf(entry: number): GuidClaim {
    const { current, desired } = this.#sidesOf(entry);
    if (desired === undefined || isUnreachable(current, desired)) return "none";
    if (this.#policy.comparable.guid && current?.fields["guid"] === desired.fields["guid"]) return "held";
    const decision = this.#decisionOn(current, desired);
    const isSent = typeof decision === "object" && "fields" in decision && "guid" in decision.fields;
    return isSent ? "sent" : "none";
  }

  *#decideEntry(entry: number): Generator<Change | Rejection> {
    const { current, desired } = this.#sidesOf(entry);
    if (desired !== undefined && isUnreachable(current, desired)) {
      yield this.#reject(desired);
      return;
    }
    const decision = this.#decisionOn(current, desired);
    if (typeof decision === "object") {
      this.counts.planned[decision.kind]++;
      yield decision;
    } else if (decision === "unchanged") this.counts.planned.unchanged++;
    else this.counts.kept[decision satisfies Kept]++;
  }

  /** Decides on one spelling of an address; an opt-out or a bounce under another spelling keeps it from coming back. */
  #decisionOn(current: CurrentSubscriber | undefined, desired: DesiredSubscriber | undefined): Decision {
    const decision = decide(current, desired, this.#policy);
    if (typeof decision !== "object" || decision.kind !== "resubscribe") return decision;
    for (const other of this.#index.entriesOf(canonicalEmail(decision.email))) {
      const sides = this.#sidesOf(other);
      const opinion = decide(sides.current, sides.desired, this.#policy);
      if (opinion === "optedOut" || opinion === "bounced") return opinion;
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

  #sidesOf(entry: number): { current?: CurrentSubscriber; desired?: DesiredSubscriber } {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.own) return { desired: this.#desiredAt(entry) };
    const isHeld = records.statusOf(entry) !== statusCodes.absent;
    return {
      ...(isHeld && { current: this.#currentAt(entry) }),
      ...(match === matches.linked && { desired: this.#desiredAt(records.linkOf(entry)) }),
    };
  }

  #currentAt(record: number): CurrentSubscriber {
    const { records, columns } = this.#index;
    return unpackCurrent(records.bytesOf(record), records.offsetOf(record), columns);
  }

  #desiredAt(record: number): DesiredSubscriber {
    const { records, columns } = this.#index;
    return unpackDesired(records.bytesOf(record), records.offsetOf(record), columns);
  }
}

/** A new address that no provider would take. */
function isUnreachable(current: CurrentSubscriber | undefined, desired: DesiredSubscriber): boolean {
  return current === undefined && desired.subscribed && !isDeliverable(canonicalEmail(desired.email));
}

/** The same text for the same change, whether it was just decided or read back. */
function normalised(change: Change): string {
  return JSON.stringify(changeSchema.parse(change));
}
