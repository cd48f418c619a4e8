import type { Comparable } from "../differing-fields.ts";
import { flags, type RecordSlice, type StatusCode, statusCodes, textsOf } from "../records/packed-record.ts";
import type { SubscriberPage } from "../records/subscriber-page.ts";
import { type Hash, TextCursor } from "../records/text-cursor.ts";
import { unpackCurrent, unpackDesired } from "../records/unpack-subscriber.ts";
import type { CurrentSubscriber, DesiredSubscriber } from "../subscriber.ts";
import { HashSlots, noSlot, type Slot } from "./hash-slots.ts";
import { matches, type Position, RecordArena, roundedDown } from "./record-arena.ts";

/**
 * Both sides of a list, joined on the canonical address, in about 75 bytes an address. Invariants:
 * - An entry is one spelling of an address at the provider, or an address that only the source has. It is named by
 *   the position of its record. The entries of one canonical address are in one probe chain.
 * - Addresses are compared byte by byte: the hash only tells where to look.
 * - The sides may come in any order, and in turns. Where they agree, one record serves both; the source's row is
 *   stored beside it only where it differs. So memory grows with the provider's list, the differences, and the
 *   addresses that only the source has.
 */
export class SubscriberIndex {
  readonly columns: readonly string[];
  readonly records = new RecordArena();
  readonly #comparable = { guid: false, data: false };
  readonly #current = { subscribed: 0, unsubscribed: 0 };
  #repeated = 0;
  #joined = 0;
  #hasSpellings = false;
  /** Two sums over the distinct rows, which no order of the rows changes. */
  readonly #digest = new Uint32Array(2);

  readonly #slots: HashSlots;
  readonly #other = new TextCursor();

  /** @param expected how many addresses to make room for at first */
  constructor(columns: readonly string[], expected: number) {
    this.columns = columns;
    this.#slots = new HashSlots(expected);
  }

  /** The fields that the provider has shown so far. */
  get comparable(): Comparable {
    return this.#comparable;
  }

  /** How many distinct rows the provider has shown so far. */
  get current(): { readonly subscribed: number; readonly unsubscribed: number } {
    return this.#current;
  }

  get rows(): number {
    return this.#current.subscribed + this.#current.unsubscribed;
  }

  /** How many rows came again in the same spelling: a sign that the list changed while it was read. */
  get repeated(): number {
    return this.#repeated;
  }

  /** How many rows are known to have subscribed since the reading of the list began. */
  get joined(): number {
    return this.#joined;
  }

  /** Whether the provider has any address in more than one spelling. */
  get hasSpellings(): boolean {
    return this.#hasSpellings;
  }

  /** Notes that the provider has the address of these entries in both their spellings. */
  markSpellings(...entries: readonly Position[]): void {
    this.#hasSpellings = true;
    for (const entry of entries) this.records.setFlag(entry, flags.respelled);
  }

  /** The same for two reads that showed the same addresses in the same spellings. */
  get digest(): string {
    return `${this.rows}:${this.repeated}:${this.#digest.join(":")}`;
  }

  addComparable({ showsGuid, showsData }: Pick<SubscriberPage, "showsGuid" | "showsData">): void {
    this.#comparable.guid ||= showsGuid;
    this.#comparable.data ||= showsData;
  }

  /** Counts a row of the provider that is new to the index. */
  countRow(hash: Hash, spelling: TextCursor, status: StatusCode): void {
    this.#count(status, 1);
    const spelled = spelling.hash();
    this.#digest[0]! += hash ^ spelled;
    this.#digest[1]! += Math.imul(hash, 0x9e3779b1) ^ Math.imul(spelled ^ (hash >>> 15), 0x85ebca6b);
  }

  countJoined(): void {
    this.#joined++;
  }

  /** Counts a row of the provider that came again, this time perhaps as the first to be unsubscribed. */
  countRepeated(isNewlyUnsubscribed: boolean): void {
    this.#repeated++;
    if (!isNewlyUnsubscribed) return;
    this.#count(statusCodes.subscribed, -1);
    this.#count(statusCodes.unsubscribed, 1);
  }

  #count(status: StatusCode, by: number): void {
    if (status === statusCodes.subscribed) this.#current.subscribed += by;
    else this.#current.unsubscribed += by;
  }

  /** Adds an entry. */
  add(hash: Hash, row: RecordSlice): Position {
    const entry = this.records.append(row.bytes, row.start, row.end);
    this.#slots.add(hash, entry);
    return entry;
  }

  /** Stores a row of the source beside the entry that it belongs to. */
  store(row: RecordSlice): Position {
    const position = this.records.append(row.bytes, row.start, row.end);
    this.records.markNotAnEntry(position);
    return position;
  }

  /** The slot of the first entry with this key, or `noSlot`; `hash` is the key's. */
  first(key: TextCursor, hash: Hash): Slot {
    return this.#findKey(this.#slots.first(hash), key, hash);
  }

  /** The slot of the next entry with this key after `slot`, or `noSlot`. */
  after(slot: Slot, key: TextCursor, hash: Hash): Slot {
    return this.#findKey(this.#slots.after(slot, hash), key, hash);
  }

  #findKey(start: Slot, key: TextCursor, hash: Hash): Slot {
    let slot = start;
    while (slot !== noSlot && !this.records.open(this.#other, this.at(slot)).read().equals(key)) {
      slot = this.#slots.after(slot, hash);
    }
    return slot;
  }

  at(slot: Slot): Position {
    return this.#slots.at(slot);
  }

  /** Puts another entry of the same address into a slot; the record of the one before is no entry any more. */
  replace(slot: Slot, entry: Position): void {
    this.records.markNotAnEntry(this.at(slot));
    this.#slots.replace(slot, entry);
  }

  /** Whether the provider has the address, in the entry's spelling. */
  isAtProvider(entry: Position): boolean {
    const { records } = this;
    return records.matchOf(entry) !== matches.onlyDesired && records.statusOf(entry) !== statusCodes.absent;
  }

  /** Every entry of a canonical address, in all its spellings. */
  *entriesOf(canonical: string): Generator<Position> {
    const key = new TextCursor().set(canonical);
    const hash = key.hash();
    for (let slot = this.first(key, hash); slot !== noSlot; slot = this.after(slot, key, hash)) {
      yield this.at(slot);
    }
  }

  /** Visits every entry in the order in which they came. */
  forEachEntry(visit: (entry: Position) => void): void {
    this.records.forEach(textsOf(this.columns), (position) => {
      if (this.records.matchOf(position) !== matches.notAnEntry) visit(position);
    });
  }

  /** With `subscribedAt` rounded down to the second, whether or not both sides agree by now. */
  unpackCurrent(position: Position): CurrentSubscriber {
    const { records } = this;
    const current = unpackCurrent(records.bytesOf(position), records.offsetOf(position), this.columns);
    const { subscribedAt: exactly = Number.NaN, ...rest } = current;
    // The time of a record that is both sides is the consent's.
    const isBoth = records.matchOf(position) === matches.sameSubscribed;
    const subscribedAt = isBoth ? records.subscribedAtOf(position) : roundedDown(exactly);
    return Number.isNaN(subscribedAt) ? rest : { ...rest, subscribedAt };
  }

  /** What the source wants of an entry, unless both sides are unsubscribed. */
  desiredOf(entry: Position): DesiredSubscriber | undefined {
    switch (this.records.matchOf(entry)) {
      case matches.onlyDesired:
      case matches.sameSubscribed:
        return this.unpackDesired(entry);
      case matches.separate:
        return this.unpackDesired(this.records.desiredRecordOf(entry));
      default:
        return undefined;
    }
  }

  unpackDesired(position: Position): DesiredSubscriber {
    return unpackDesired(this.records.bytesOf(position), this.records.offsetOf(position), this.columns);
  }
}
