import { HashSlots } from "./hash-slots.ts";
import { layout, statusCodes, TextCursor } from "./packed-record.ts";
import { matches, type SubscriberIndex } from "./subscriber-index.ts";

/** A record among others: the bytes of `bytes` from `start` to `end`. */
export interface PackedRow {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Which record of the source holds which guid, so that no guid is sent twice. */
export class GuidHolders {
  readonly #index: SubscriberIndex;
  readonly #column: number;
  readonly #slots: HashSlots;
  readonly #guid = new TextCursor();
  readonly #key = new TextCursor();
  readonly #other = new TextCursor();
  /** The hash of the guid that the latest row may hold. */
  #claimed: number | undefined;

  constructor(index: SubscriberIndex) {
    this.#index = index;
    this.#column = index.columns.indexOf("guid");
    this.#slots = new HashSlots(this.#column < 0 ? 0 : index.rows);
  }

  /** Claims the row's guid, if it would send one; false when the row of another address holds it. */
  claim(row: PackedRow): boolean {
    this.#claimed = undefined;
    const guid = this.#guidOf(row);
    if (guid === undefined) return true;
    const hash = guid.hash();
    const key = this.#key.open(row.bytes, row.start).read();
    const slots = this.#slots;
    for (let slot = slots.first(hash); slot >= 0; slot = slots.after(slot, hash)) {
      const record = slots.at(slot);
      if (!this.#guidAt(record).equals(guid) || !this.#isLive(record)) continue;
      if (!this.#index.open(this.#other, record).read().equals(key)) return false;
    }
    this.#claimed = hash;
    return true;
  }

  /** The record that keeps the row whose guid was claimed holds it from now on; the claim is used up. */
  hold(record: number): void {
    if (this.#claimed !== undefined) this.#slots.add(this.#claimed, record);
    this.#claimed = undefined;
  }

  /** Whether the provider holds the row's guid for this entry. */
  isGuidOf(entry: number, row: PackedRow): boolean {
    return this.#guidOf(row)?.equals(this.#guidAt(entry)) ?? false;
  }

  /** A copy of the row with an empty guid. */
  without<Row extends PackedRow>(row: Row): Row {
    const guid = this.#guidOf(row);
    if (guid === undefined) return row;
    const before = this.#other.open(row.bytes, row.start).skip(2 + this.#column).end;
    const bytes = new Uint8Array(row.end - row.start - (guid.end - before) + 1);
    bytes.set(row.bytes.subarray(row.start, before));
    bytes.set(row.bytes.subarray(guid.end, row.end), before - row.start + 1);
    return { ...row, bytes, start: 0, end: bytes.length };
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
