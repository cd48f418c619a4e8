import { type Decision, decide } from "../decide.ts";
import { canonicalEmail } from "../email.ts";
import {
  type Change,
  changeSchema,
  type Group,
  groupOf,
  type Kept,
  keptReasons,
  type PlanCounts,
} from "../plan.ts";
import type { QuarantinedRow } from "../quarantined-row.ts";
import { flags, type RecordSlice, statusCodes } from "../records/packed-record.ts";
import type { Remembered } from "../remembered.ts";
import type { CurrentSubscriber, DesiredSubscriber } from "../subscriber.ts";
import type { Differences } from "./differences.ts";
import { findGuidOptOuts } from "./find-guid-opt-outs.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { KnownReaders } from "./known-readers.ts";
import { matches, type Position } from "./record-arena.ts";
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
  readonly #guidOptOuts: ReadonlyMap<Position, number>;
  readonly #remembered: Remembered;

  constructor(differences: Differences, remembered: Remembered) {
    const { index, policy, entries, shields } = differences;
    this.#differences = differences;
    const guidOptOuts = findGuidOptOuts(index, entries);
    this.#guidOptOuts = guidOptOuts;
    this.#remembered = remembered;
    this.#readers = new KnownReaders({ index, policy, remembered, shields, guidOptOuts });
    const sharedGuids = withholdSharedGuids(index, entries, (entry) => this.#guidClaimOf(entry));
    this.counts = {
      current: { ...index.current },
      desired: { ...differences.desired, sharedGuids, unreadableConsents: 0 },
      planned: { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0, unchanged: differences.same },
      kept: Object.fromEntries(keptReasons.map((reason) => [reason, 0])) as Record<Kept, number>,
      refusedBefore: { optOut: 0, unsubscribe: 0 },
    };
  }

  /** The fields that are compared, in the order of the records. */
  get columns(): readonly string[] {
    return this.#differences.index.columns;
  }

  /** Those of the columns that the provider shows: no other can be updated. */
  get comparableColumns(): readonly string[] {
    const { comparable } = this.#differences.policy;
    return this.columns.filter((column) => (column === "guid" ? comparable.guid : comparable.data));
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

  /** Whether the provider refused the same row within the last week. */
  wasRefused(change: Change): boolean {
    return this.#remembered.wasRefused?.(change) ?? false;
  }

  /** The entries on which the two sides may differ. */
  get entries(): Iterable<Position> & { readonly length: number } {
    return this.#differences.entries;
  }

  *steps(): Generator<Change | Rejection> {
    yield* this.rejections();
    for (const entry of this.entries) {
      const decision = this.#decideAndCount(entry);
      if (typeof decision === "object") yield decision;
    }
  }

  /** The first of the steps. */
  *rejections(): Generator<Rejection> {
    const { index, undeliverable } = this.#differences;
    for (const entry of undeliverable) yield this.#reject(index.desiredOf(entry)!);
  }

  /** The other steps, one by one. @returns the group of the entry's change, if there is one: `changeOf` makes it */
  decideOn(entry: Position): Group | undefined {
    if (this.isPlainSubscription(entry)) {
      this.counts.planned.subscribe++;
      return "subscribe";
    }
    const decision = this.#decideAndCount(entry);
    return typeof decision === "object" ? groupOf(decision) : undefined;
  }

  /** The change of an entry that has one. */
  changeOf(entry: Position): Change {
    const decision = this.#decide(entry, this.#sidesOf(entry));
    if (typeof decision !== "object") throw new TypeError(`an entry without a change: ${decision}`);
    return decision;
  }

  /**
   * Whether the source alone has the address, subscribed, and nothing else is known of its reader. Then the decision is to
   * subscribe, with the values that the source's row gives, and a list's first load need not ask for it a million times.
   */
  isPlainSubscription(entry: Position): boolean {
    const { records } = this.#differences.index;
    return (
      records.matchOf(entry) === matches.onlyDesired &&
      records.statusOf(entry) === statusCodes.subscribed &&
      !records.hasFlag(entry, flags.guidWithheld) &&
      !this.#guidOptOuts.has(entry) &&
      this.#remembered.wasRefused === undefined
    );
  }

  /** An entry's record. That of a plain subscription is the source's row. */
  recordOf(entry: Position): Pick<RecordSlice, "bytes" | "start"> {
    const { records } = this.#differences.index;
    return { bytes: records.bytesOf(entry), start: records.offsetOf(entry) };
  }

  /** See {@link fingerprintOf}. */
  fingerprintOf(entry: Position): number {
    return fingerprintOf(this.#differences.index, entry);
  }

  #decideAndCount(entry: Position): Decision {
    const decision = this.#decide(entry, this.#sidesOf(entry));
    if (typeof decision === "object") this.#countChange(decision);
    else if (decision === "unchanged") this.counts.planned.unchanged++;
    else this.counts.kept[decision]++;
    return decision;
  }

  #countChange(change: Change): void {
    this.counts.planned[change.kind]++;
    const group = groupOf(change);
    const isRepeated = group === "optOut" || group === "unsubscribe";
    if (isRepeated && this.wasRefused(change)) this.counts.refusedBefore[group]++;
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
    this.counts.desired[desired.subscribed ? "subscribed" : "undecided"]--;
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
