import { isNotLifted } from "../answer.ts";
import { keepsEmptied } from "../differing-fields.ts";
import { type Change, type ChangeGroup, groupOf, type Kept, keptReasons, type PlanCounts } from "../plan.ts";
import type { QuarantinedRow } from "../quarantined-row.ts";
import { flags, type RecordSlice, statusCodes } from "../records/packed-record.ts";
import type { Remembered } from "../remembered.ts";
import { type Return, type ReturnKind, returnKinds } from "../return.ts";
import type { DesiredSubscriber } from "../subscriber.ts";
import type { Differences } from "./differences.ts";
import { findGuidOptOuts } from "./find-guid-opt-outs.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type Judgement, Judgements } from "./judgements.ts";
import { matches, type Position } from "./record-arena.ts";
import { type GuidClaim, withholdSharedGuids } from "./withhold-shared-guids.ts";

/** An address of the source that no provider would accept, and that this one does not have. */
export interface Rejection extends QuarantinedRow {
  readonly kind: "rejected";
}

/** What becomes of an address in one spelling, for whoever asks about it alone. */
export interface LookedUp extends Judgement {
  /** Whether no provider would accept the address, so that its row is set aside. */
  readonly isUndeliverable: boolean;
}

/** Decides on every entry on which the two sides of a list may differ. */
export class Planner {
  /** Complete when all `steps` have been taken. */
  readonly counts: PlanCounts;
  readonly #differences: Differences;
  readonly #judgements: Judgements;
  readonly #guidOptOuts: ReadonlyMap<Position, number>;
  readonly #remembered: Remembered;

  constructor(differences: Differences, remembered: Remembered) {
    const { index, entries } = differences;
    this.#differences = differences;
    const guidOptOuts = findGuidOptOuts(index, entries);
    this.#guidOptOuts = guidOptOuts;
    this.#remembered = remembered;
    this.#judgements = new Judgements(differences, { remembered, guidOptOuts });
    const sharedGuids = withholdSharedGuids(index, entries, (entry) => this.#guidClaimOf(entry));
    this.counts = {
      current: { ...index.current },
      desired: { ...differences.desired, sharedGuids, unreadableConsents: 0 },
      planned: {
        ...{ subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0, unchanged: differences.same },
        returns: Object.fromEntries(returnKinds.map((kind) => [kind, 0])) as Record<ReturnKind, number>,
      },
      kept: Object.fromEntries(keptReasons.map((reason) => [reason, 0])) as Record<Kept, number>,
      notLifted: 0,
      notCleared: 0,
      refusedBefore: { optOut: 0, unsubscribe: 0 },
    };
  }

  /** What both sides say of an address, in each of its spellings, and what is decided; empty if neither side has it. */
  lookUp(canonical: string): LookedUp[] {
    const { index, undeliverable } = this.#differences;
    const unaccepted = new Set(undeliverable);
    return [...index.entriesOf(canonical)].map((entry) => {
      const judgement = this.#judgements.on(entry);
      const isAgreed = index.records.matchOf(entry) === matches.sameUnsubscribed;
      const agreed = { email: canonical, subscribed: false, fields: {} };
      const desired = isAgreed ? agreed : judgement.desired;
      return { ...judgement, desired, isUndeliverable: unaccepted.has(entry) };
    });
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

  /** Whether the two sides, as they are now, ask for exactly this. */
  stillAsksFor(row: Change | Return): boolean {
    return this.#judgements.stillAskFor(row);
  }

  /** Whether the provider refused the same row within the last week. */
  wasRefused(change: Change): boolean {
    return this.#remembered.wasRefused?.(change) ?? false;
  }

  /** The entries on which the two sides may differ. */
  get entries(): Iterable<Position> & { readonly length: number } {
    return this.#differences.entries;
  }

  *steps(): Generator<Change | Return | Rejection> {
    yield* this.rejections();
    for (const entry of this.entries) {
      const { decision, returned } = this.#judgeAndCount(entry);
      if (returned !== undefined) yield returned;
      if (typeof decision === "object") yield decision;
    }
  }

  /** The first of the steps. */
  *rejections(): Generator<Rejection> {
    const { index, undeliverable } = this.#differences;
    for (const entry of undeliverable) yield this.#reject(index.desiredOf(entry)!);
  }

  /** The other steps, one by one. @returns the group of the entry's change, if there is one: `changeOf` makes it */
  decideOn(entry: Position): ChangeGroup | undefined {
    if (this.isPlainSubscription(entry)) {
      this.counts.planned.subscribe++;
      return "subscribe";
    }
    const { decision } = this.#judgeAndCount(entry);
    return typeof decision === "object" ? groupOf(decision) : undefined;
  }

  /** The change of an entry that has one. */
  changeOf(entry: Position): Change {
    const { decision } = this.#judgements.on(entry);
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

  #judgeAndCount(entry: Position): Judgement {
    const judgement = this.#judgements.on(entry);
    const { decision, returned } = judgement;
    if (returned !== undefined) this.counts.planned.returns[returned.tells]++;
    this.#countLimits(judgement);
    if (typeof decision === "object") this.#countChange(decision);
    else if (decision === "unchanged") this.counts.planned.unchanged++;
    else this.counts.kept[decision]++;
    return judgement;
  }

  /** Counts what the database asks for and the provider cannot do. */
  #countLimits(judgement: Judgement): void {
    const { current, desired } = judgement;
    if (isNotLifted(judgement)) this.counts.notLifted++;
    const areBoth = current?.subscribed && desired?.subscribed;
    if (areBoth && keepsEmptied(current, desired, this.#differences.policy)) this.counts.notCleared++;
  }

  #countChange(change: Change): void {
    this.counts.planned[change.kind]++;
    const group = groupOf(change);
    const isRepeated = group === "optOut" || group === "unsubscribe";
    if (isRepeated && this.wasRefused(change)) this.counts.refusedBefore[group]++;
  }

  #guidClaimOf(entry: Position): GuidClaim {
    const { current, desired } = this.#judgements.sidesOf(entry);
    if (desired === undefined) return "none";
    const { comparable } = this.#differences.policy;
    if (comparable.guid && current?.fields["guid"] === desired.fields["guid"]) return "held";
    const { decision } = this.#judgements.on(entry);
    const isSent = typeof decision === "object" && "fields" in decision && "guid" in decision.fields;
    return isSent ? "sent" : "none";
  }

  #reject(desired: DesiredSubscriber): Rejection {
    this.counts.desired[desired.subscribed ? "subscribed" : "undecided"]--;
    this.counts.desired.rejected++;
    return { kind: "rejected", email: desired.email, reason: "no provider takes this e-mail address" };
  }
}
