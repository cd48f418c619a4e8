import { HashSlots } from "./hash-slots.ts";
import { layout, statusCodes, TextCursor } from "./packed-record.ts";
import { matches, type SubscriberIndex } from "./subscriber-index.ts";

interface PackedRow {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** Which record of the source holds which guid, so that no guid is sent twice. */
export class GuidHolders {
  readonly #index: SubscriberIndex;
  readonly #column: number;
  readonly #slots: HashSlots;
  readonly #guid = new TextCursor();
  readonly #key = new TextCursor();
  readonly #other = new TextCursor();
  readonly #hashOf = (record: number) => this.#guidAt(record).hash();

  constructor(index: SubscriberIndex) {
    this.#index = index;
    this.#column = index.columns.indexOf("guid");
    this.#slots = new HashSlots(this.#column < 0 ? 0 : index.rows);
  }

  /** Remembers that a record of the index holds its guid, if it would send one. */
  hold(record: number): void {
    const index = this.#index;
    const guid = this.#guidOf({
      bytes: index.bytesOf(record),
      start: index.offsetOf(record),
    });
    if (guid !== undefined) this.#slots.add(guid.hash(), record, this.#hashOf);
  }

  sendsGuid(row: PackedRow): boolean {
    return this.#guidOf(row) !== undefined;
  }

  /** Whether the row of another address holds the guid that this row would send. */
  isHeldByAnother(row: PackedRow): boolean {
    const guid = this.#guidOf(row);
    if (guid === undefined) return false;
    const key = this.#key.open(row.bytes, row.start).read();
    const slots = this.#slots;
    for (let slot = slots.home(guid.hash()); slots.at(slot) !== 0; slot = slots.next(slot)) {
      const record = slots.at(slot);
      if (!this.#guidAt(record).equals(guid) || !this.#isLive(record)) continue;
      if (!this.#index.open(this.#other, record).read().equals(key)) return true;
    }
    return false;
  }

  /** Whether the provider holds the row's guid for this entry. */
  isGuidOf(entry: number, row: PackedRow): boolean {
    const guid = this.#guidOf(row);
    return guid?.equals(this.#guidAt(entry)) ?? false;
  }

  /** A copy of the row with an empty guid. */
  without(row: PackedRow, end: number): PackedRow & { readonly end: number } {
    const guid = this.#guidOf(row);
    if (guid === undefined) return { ...row, end };
    const before = this.#other.open(row.bytes, row.start).skip(2 + this.#column).end;
    const bytes = new Uint8Array(end - row.start - (guid.end - before) + 1);
    bytes.set(row.bytes.subarray(row.start, before));
    bytes.set(row.bytes.subarray(guid.end, end), before - row.start + 1);
    return { bytes, start: 0, end: bytes.length };
  }

  /** The guid that a row would send: only a subscribed one sends any. */
  #guidOf(row: PackedRow): TextCursor | undefined {
    if (this.#column < 0 || row.bytes[row.start + layout.status] !== statusCodes.subscribed) return undefined;
    const guid = this.#guid.open(row.bytes, row.start).skip(3 + this.#column);
    return guid.length === 0 ? undefined : guid;
  }

  #guidAt(record: number): TextCursor {
    return this.#index.open(this.#other, record).skip(3 + this.#column);
  }

  /** Whether a record still is what the source says of its address: a later row may have outdone it. */
  #isLive(record: number): boolean {
    const index = this.#index;
    const matchOf = (position: number) => index.bytesOf(position)[index.offsetOf(position) + layout.match];
    if (matchOf(record) !== matches.link) return matchOf(record) !== matches.linked;
    const entry = index.linkOf(record);
    return matchOf(entry) === matches.linked && index.linkOf(entry) === record;
  }
}
