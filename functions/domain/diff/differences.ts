import { isDeliverable } from "../email.ts";
import type { Policy } from "../policy.ts";
import { isPlainAddress } from "../records/is-plain-address.ts";
import { causeCode } from "../records/pack-subscriber.ts";
import { flags, statusCodes } from "../records/packed-record.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { DesiredByEntry } from "./desired-by-entry.ts";
import type { DesiredMatcher, UnusableRows } from "./desired-matcher.ts";
import { PositionList } from "./position-list.ts";
import { matches, type Position, roundedDown } from "./record-arena.ts";
import type { Shields } from "./shields.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

export interface DifferencesOptions {
  readonly index: SubscriberIndex;
  readonly matcher: DesiredMatcher;
  readonly policy: Omit<Policy, "comparable">;
  /** Of the rows that the source's reader rejected; those with an address that no provider would accept are added. */
  readonly shields: Shields;
}

const publisherCode = causeCode("PUBLISHER");

/** Both sides of a list, read whole, and the entries of the index on which they may differ. */
export class Differences {
  readonly index: SubscriberIndex;
  readonly policy: Policy;
  /** Addresses of the source: each counts once; `duplicates` are the other rows, `rejected` those of nobody. */
  readonly desired: Record<keyof DesiredMatcher["desired"] | "rejected", number>;
  readonly entries = new PositionList();
  /** Entries that only the source has, with an address that no provider would accept. */
  readonly undeliverable = new PositionList();
  /** How many entries are the same on both sides. */
  same = 0;
  /** Whether any decision depends on what earlier runs did to an address. */
  dependsOnActs = false;
  readonly shields: Shields;
  readonly #key = new TextCursor();

  constructor({ index, matcher, policy, shields }: DifferencesOptions) {
    this.index = index;
    // Subscriptions are known to the second: one of that very second counts as later.
    const sourceReadAt = roundedDown(policy.sourceReadAt);
    const lastReadAt = roundedDown(policy.lastReadAt);
    this.policy = { ...policy, sourceReadAt, lastReadAt, comparable: index.comparable };
    this.desired = { ...matcher.desired, rejected: 0 };
    this.shields = shields;
    for (const [canonical, rows] of matcher.unusable) this.#addUnusable(canonical, rows);
    new DesiredByEntry(index).ignoreHiddenFields();
    index.forEachEntry((entry) => this.#add(entry));
  }

  /** Whether nothing is to be done, as far as the head of the record tells. */
  isSame(entry: Position): boolean {
    const { records } = this.index;
    const match = records.matchOf(entry);
    if (match === matches.sameUnsubscribed) return true;
    if (match === matches.sameSubscribed) return !records.hasFlag(entry, flags.respelled);
    return match === matches.onlyCurrent && records.statusOf(entry) === statusCodes.unsubscribed;
  }

  #add(entry: Position): void {
    if (this.isSame(entry)) this.same++;
    else if (this.#isUndeliverable(entry)) this.#addUndeliverable(entry);
    else {
      this.entries.push(entry);
      this.dependsOnActs ||= this.#dependsOnActs(entry);
    }
  }

  /** Each of them may be another reader's, whichever of them counts. */
  #addUnusable(canonical: string, { duplicates, guids }: UnusableRows): void {
    for (const entry of this.index.entriesOf(canonical)) if (this.index.isAtProvider(entry)) return;
    this.desired.duplicates -= duplicates;
    this.desired.rejected += duplicates;
    for (const guid of guids) this.shields.add({ email: canonical, guid, unsubscribed: false });
  }

  #addUndeliverable(entry: Position): void {
    this.undeliverable.push(entry);
    const { email, fields } = this.index.desiredOf(entry)!;
    this.shields.add({ email, guid: fields["guid"] ?? "", unsubscribed: false });
  }

  #isUndeliverable(entry: Position): boolean {
    const { records } = this.index;
    if (this.index.isAtProvider(entry)) return false;
    const isSeparate = records.matchOf(entry) === matches.separate;
    const desired = isSeparate ? records.desiredRecordOf(entry) : entry;
    if (records.statusOf(desired) === statusCodes.unsubscribed) return false;
    const key = records.open(this.#key, entry).read();
    return !isPlainAddress(key.bytes, key.start, key.end) && !isDeliverable(key.toString());
  }

  #dependsOnActs(entry: Position): boolean {
    const { records } = this.index;
    const { sourceReadAt, graceMs } = this.policy;
    const match = records.matchOf(entry);
    if (match === matches.onlyCurrent) return roundedDown(records.timeOf(entry)) >= sourceReadAt - graceMs;
    if (match !== matches.separate) return false;
    return records.statusOf(entry) === statusCodes.unsubscribed && records.causeOf(entry) === publisherCode;
  }
}
