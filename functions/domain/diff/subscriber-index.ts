import type { Comparable } from "../decide.ts";
import { statusCodes } from "../records/packed-record.ts";
import { matches, RecordArena } from "../records/record-arena.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { HashSlots } from "./hash-slots.ts";

/**
 * Both sides of a list, joined on the canonical address, about 75 bytes an address. Invariants:
 * - an entry is one address at the provider in one spelling, or one address of the source that the
 *   provider does not have; entries of one canonical address stand in one probe chain;
 * - addresses are compared byte by byte: a hash only tells where to look;
 * - the two sides may come in any order and by turns; one record serves both where they say the same, and a row
 *   of the source is kept beside it only where it differs. So memory grows with the provider's list, with the
 *   changes, and with what only the source has.
 */
export class SubscriberIndex {
  readonly columns: readonly string[];
  readonly records = new RecordArena();
  readonly comparable: Comparable = { guid: false, data: false };
  readonly current = { subscribed: 0, unsubscribed: 0 };
  /** Rows that came again in the same spelling: the sign of a list that moved while it was read. */
  repeated = 0;
  /** Two sums over the different rows, whatever order they came in. */
  readonly #digest = new Uint32Array(2);

  readonly #slots: HashSlots;
  readonly #other = new TextCursor();

  /** @param expected how many addresses to make room for at once; more may come */
  constructor(columns: readonly string[], expected: number) {
    this.columns = columns;
    this.#slots = new HashSlots(expected);
  }

  /** How many different rows the provider showed. */
  get rows(): number {
    return this.current.subscribed + this.current.unsubscribed;
  }

  /** Alike for two reads that showed the same addresses in the same spellings. */
  get digest(): string {
    return `${this.rows}:${this.repeated}:${this.#digest.join(":")}`;
  }

  /** Counts a row of the provider that is not there yet. */
  countRow(hash: number, spelling: TextCursor, status: number): void {
    this.#count(status, 1);
    const spelled = spelling.hash();
    this.#digest[0]! += hash ^ spelled;
    this.#digest[1]! += Math.imul(hash, 0x9e3779b1) ^ Math.imul(spelled ^ (hash >>> 15), 0x85ebca6b);
  }

  /** Counts a row that came again; `unsubscribed` when only this sight of it says so. */
  countRepeated(unsubscribed: boolean): void {
    this.repeated++;
    if (!unsubscribed) return;
    this.#count(statusCodes.subscribed, -1);
    this.#count(statusCodes.unsubscribed, 1);
  }

  #count(status: number, by: number): void {
    if (status === statusCodes.subscribed) this.current.subscribed += by;
    else this.current.unsubscribed += by;
  }

  /** Adds an entry and tells where it stands. */
  add(hash: number, row: { bytes: Uint8Array; start: number; end: number }): number {
    const position = this.records.append(row.bytes, row.start, row.end);
    this.#slots.add(hash, position);
    return position;
  }

  /** Keeps a record that an entry is linked to, and tells where it stands. */
  keep(bytes: Uint8Array, start: number, end: number): number {
    const position = this.records.append(bytes, start, end);
    this.records.mark(position, matches.link);
    return position;
  }

  /** The slot of the first entry with the key, whose hash is given; -1 if there is none. */
  first(key: TextCursor, hash: number): number {
    return this.#sameKey(this.#slots.first(hash), key, hash);
  }

  /** The slot of the next such entry after `slot`; -1 if there is none. */
  after(slot: number, key: TextCursor, hash: number): number {
    return this.#sameKey(this.#slots.after(slot, hash), key, hash);
  }

  #sameKey(start: number, key: TextCursor, hash: number): number {
    let slot = start;
    while (slot >= 0 && !this.records.open(this.#other, this.at(slot)).read().equals(key)) {
      slot = this.#slots.after(slot, hash);
    }
    return slot;
  }

  at(slot: number): number {
    return this.#slots.at(slot);
  }

  /** Puts another entry of the same address into a slot; the one that stood there is none any more. */
  replace(slot: number, position: number): void {
    this.records.mark(this.at(slot), matches.link);
    this.#slots.replace(slot, position);
  }

  /** Whether the provider has the address in the entry's spelling. */
  isHeld(entry: number): boolean {
    const { records } = this;
    return records.matchOf(entry) !== matches.own && records.statusOf(entry) !== statusCodes.absent;
  }

  /** Every entry of a canonical address, in whatever spelling. */
  *entriesOf(canonical: string): Generator<number> {
    const key = new TextCursor().set(canonical);
    const hash = key.hash();
    for (let slot = this.first(key, hash); slot >= 0; slot = this.after(slot, key, hash)) yield this.at(slot);
  }

  /** Visits the position of every entry, in the order in which they came. */
  forEachEntry(visit: (entry: number) => void): void {
    this.records.forEach(2 + this.columns.length, (position) => {
      if (this.records.matchOf(position) !== matches.link) visit(position);
    });
  }
}
