import { GuidHolders, type PackedRow } from "./guid-holders.ts";
import { layout, type RecordBlock, recordEnd, statusCodes, TextCursor } from "./packed-record.ts";
import { matches, type SubscriberIndex } from "./subscriber-index.ts";

/** What a row of the source says; `time` is NaN when it carries none. */
interface Said {
  readonly subscribed: boolean;
  readonly time: number;
}

interface Row extends Said, PackedRow {}

/**
 * Matches the source's rows, as they stream past, with what the provider holds. Its rules:
 * - of rows that share an address the most recent wins if both carry a time, else an unsubscribed one,
 *   else the first;
 * - of rows that share a guid the first keeps it and the others go without, for the provider silently
 *   ignores all but one of the rows of a request that share a guid;
 * - of one address in several spellings at the provider only one gets the guid, for the same reason.
 */
export class SourceMatcher {
  /** One for each address, except `duplicates` and `sharedGuids`, which count rows. */
  readonly desired = {
    subscribed: 0,
    unsubscribed: 0,
    duplicates: 0,
    sharedGuids: 0,
  };

  readonly #index: SubscriberIndex;
  readonly #guids: GuidHolders;
  readonly #key = new TextCursor();
  readonly #mine = new TextCursor();
  readonly #theirs = new TextCursor();

  constructor(index: SubscriberIndex) {
    this.#index = index;
    this.#guids = new GuidHolders(index);
  }

  match({ bytes, count }: RecordBlock): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const texts = 2 + this.#index.columns.length;
    // One object for all rows: millions of short-lived ones would keep the garbage collector busy.
    const row = { bytes, start: 0, end: 0, subscribed: false, time: Number.NaN };
    for (let left = count; left > 0; left--) {
      row.start = row.end;
      row.end = recordEnd(bytes, row.start, texts);
      row.subscribed = bytes[row.start + layout.status] === statusCodes.subscribed;
      row.time = view.getFloat64(row.start + layout.time, true);
      this.#matchRow(row);
    }
  }

  #matchRow(row: Row): void {
    const index = this.#index;
    const key = this.#key.open(row.bytes, row.start).read();
    const hash = key.hash();
    const slot = index.first(key, hash);
    if (slot < 0) {
      this.#count(row, 1);
      const { bytes, start, end } = this.#withOwnGuid(row);
      const entry = index.add(hash, bytes, start, end);
      this.#mark(entry, matches.own);
      this.#guids.hold(entry);
      return;
    }
    const said = this.#saidOf(index.at(slot));
    if (said !== undefined) {
      this.desired.duplicates++;
      if (!wins(row, said)) return;
      this.#count(said, -1);
    }
    this.#count(row, 1);
    const kept = this.#withOwnGuid(row);
    let other = index.after(slot, key, hash);
    if (other < 0) return void this.#settle(index.at(slot), kept);
    const spellings = [index.at(slot)];
    for (; other >= 0; other = index.after(other, key, hash)) spellings.push(index.at(other));
    this.#settleSpellings(spellings, kept);
  }

  /** Writes what the row says to every spelling of its address. */
  #settleSpellings(spellings: readonly number[], row: Row): void {
    const holder = spellings.find((entry) => this.#guids.isGuidOf(entry, row)) ?? spellings[0]!;
    this.#settle(holder, row);
    const others = this.#guids.without(row);
    for (const entry of spellings) if (entry !== holder) this.#settle(entry, others);
  }

  #settle(entry: number, row: Row): void {
    const index = this.#index;
    const bytes = index.bytesOf(entry);
    const offset = index.offsetOf(entry);
    if (bytes[offset + layout.match] === matches.own) bytes[offset + layout.status] = statusCodes.absent;
    const status = bytes[offset + layout.status];
    if (row.subscribed && status === statusCodes.subscribed && this.#showsSame(entry, row)) {
      this.#mark(entry, matches.same);
      index.viewOf(entry).setFloat64(offset + layout.time, row.time, true);
      if (index.comparable.guid) this.#guids.hold(entry);
    } else if (!row.subscribed && status === statusCodes.unsubscribed && Number.isNaN(row.time)) {
      this.#mark(entry, matches.bothUnsubscribed);
    } else {
      this.#link(entry, index.keep(row.bytes, row.start, row.end));
    }
  }

  #link(entry: number, record: number): void {
    const index = this.#index;
    this.#mark(entry, matches.linked);
    index.viewOf(entry).setUint32(index.offsetOf(entry) + layout.link, record, true);
    index.viewOf(record).setUint32(index.offsetOf(record) + layout.link, entry, true);
    this.#guids.hold(record);
  }

  #mark(entry: number, match: number): void {
    this.#index.bytesOf(entry)[this.#index.offsetOf(entry) + layout.match] = match;
  }

  /** What earlier rows said of an entry; undefined when there was none. */
  #saidOf(entry: number): Said | undefined {
    const index = this.#index;
    const match = index.bytesOf(entry)[index.offsetOf(entry) + layout.match];
    if (match === matches.none) return undefined;
    if (match === matches.bothUnsubscribed) return { subscribed: false, time: Number.NaN };
    const record = match === matches.linked ? index.linkOf(entry) : entry;
    const offset = index.offsetOf(record);
    return {
      subscribed: index.bytesOf(record)[offset + layout.status] === statusCodes.subscribed,
      time: index.viewOf(record).getFloat64(offset + layout.time, true),
    };
  }

  #showsSame(entry: number, row: Row): boolean {
    const { columns, comparable } = this.#index;
    const current = this.#index.open(this.#mine, entry).skip(2);
    const desired = this.#theirs.open(row.bytes, row.start).skip(2);
    for (const column of columns) {
      current.read();
      desired.read();
      const follows = column === "guid" ? comparable.guid && desired.length > 0 : comparable.data;
      if (follows && !current.equals(desired)) return false;
    }
    return true;
  }

  #withOwnGuid(row: Row): Row {
    if (this.#guids.claim(row)) return row;
    this.desired.sharedGuids++;
    return this.#guids.without(row);
  }

  #count(says: Said, by: number): void {
    if (says.subscribed) this.desired.subscribed += by;
    else this.desired.unsubscribed += by;
  }
}

/** Whether a later row of an address takes the place of an earlier one. */
function wins(later: Said, earlier: Said): boolean {
  if (later.time > earlier.time) return true;
  if (later.time < earlier.time) return false;
  return earlier.subscribed && !later.subscribed;
}
