import { fieldText, statusCodes } from "../records/packed-record.ts";
import { type Hash, TextCursor } from "../records/text-cursor.ts";
import { unpackCause } from "../records/unpack-subscriber.ts";
import { isOptOut } from "../subscriber.ts";
import { HashSlots, noSlot } from "./hash-slots.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/**
 * Finds the readers who would be subscribed or resubscribed under one address and opted out under another one: a guid is
 * the reader's id. To be called after the last row.
 *
 * @param entries those on which the two sides differ
 * @returns by entry: when its guid opted out last, in ms since the epoch; infinite if the provider does not say
 */
export function findGuidOptOuts(
  index: SubscriberIndex,
  entries: Iterable<Position> & { readonly length: number },
): ReadonlyMap<Position, number> {
  const guidText = fieldText(index.columns, "guid");
  if (guidText === undefined || !index.comparable.guid) return new Map();
  return new GuidOptOuts(index, { guidText, expected: entries.length }).find(entries);
}

class GuidOptOuts {
  readonly #index: SubscriberIndex;
  readonly #guidText: number;
  /** By their guids, entries that may come back or come anew. */
  readonly #joining: HashSlots;
  readonly #found = new Map<Position, number>();
  readonly #guid = new TextCursor();
  readonly #other = new TextCursor();

  constructor(index: SubscriberIndex, { guidText, expected }: { guidText: number; expected: number }) {
    this.#index = index;
    this.#guidText = guidText;
    this.#joining = new HashSlots(expected);
  }

  find(entries: Iterable<Position>): ReadonlyMap<Position, number> {
    for (const entry of entries) this.#addJoining(entry);
    if (this.#joining.taken > 0) this.#index.forEachEntry((entry) => this.#matchOptOut(entry));
    return this.#found;
  }

  #addJoining(entry: Position): void {
    const { records } = this.#index;
    if (this.#index.isAtProvider(entry) && records.statusOf(entry) === statusCodes.subscribed) return;
    const record = this.#desiredRecordOf(entry);
    if (record === undefined || records.statusOf(record) !== statusCodes.subscribed) return;
    const guid = records.open(this.#guid, record).forward(this.#guidText);
    if (guid.length > 0) this.#joining.add(guid.hash(), entry);
  }

  #matchOptOut(entry: Position): void {
    const { records } = this.#index;
    if (!this.#index.isAtProvider(entry) || records.statusOf(entry) !== statusCodes.unsubscribed) return;
    if (!isOptOut(unpackCause(records.causeOf(entry))) || this.#isLifted(entry)) return;
    const guid = records.open(this.#guid, entry).forward(this.#guidText);
    if (guid.length > 0) this.#noteOptOut(entry, guid.hash());
  }

  /** Whether the reader has consented since, under the address that opted out: then they are back under each. */
  #isLifted(optedOut: Position): boolean {
    const { records } = this.#index;
    const record = this.#desiredRecordOf(optedOut);
    if (record === undefined || records.statusOf(record) !== statusCodes.subscribed) return false;
    return records.timeOf(record) > records.timeOf(optedOut);
  }

  #noteOptOut(optedOut: Position, hash: Hash): void {
    const time = this.#index.records.timeOf(optedOut);
    const at = Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
    const slots = this.#joining;
    for (let slot = slots.first(hash); slot !== noSlot; slot = slots.after(slot, hash)) {
      const entry = slots.at(slot);
      if (this.#hasGuid(entry) && !this.#isOneAddress(entry, optedOut)) {
        this.#found.set(entry, Math.max(at, this.#found.get(entry) ?? at));
      }
    }
  }

  /** Whether the guid that is wanted for an entry is the one that was read last. */
  #hasGuid(entry: Position): boolean {
    const record = this.#desiredRecordOf(entry)!;
    return this.#index.records.open(this.#other, record).forward(this.#guidText).equals(this.#guid);
  }

  #isOneAddress(entry: Position, other: Position): boolean {
    const { records } = this.#index;
    const key = records.open(new TextCursor(), entry).read();
    return records.open(this.#other, other).read().equals(key);
  }

  #desiredRecordOf(entry: Position): Position | undefined {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.onlyDesired) return entry;
    return match === matches.separate ? records.desiredRecordOf(entry) : undefined;
  }
}
