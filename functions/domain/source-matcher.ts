import { flags, layout, type RecordBlock, recordEnd, statusCodes } from "./packed-record.ts";
import { matches } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";
import { TextCursor } from "./text-cursor.ts";

/** What a row of the source says; `time` is NaN when it carries none. */
interface Said {
  readonly subscribed: boolean;
  readonly time: number;
}

/** The row that stands in the bytes of `bytes` from `start` to `end`. */
interface Row extends Said {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Matches the source's rows, as they stream past, with what the provider holds. Of rows that share an
 * address the most recent wins if both carry a time, else an unsubscribed one, else the first.
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
  readonly #key = new TextCursor();
  readonly #mine = new TextCursor();
  readonly #theirs = new TextCursor();

  /** Whether the row that was compared last names a guid. */
  #namesGuid = false;

  constructor(index: SubscriberIndex) {
    this.#index = index;
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
    const first = index.first(key, hash);
    if (first < 0) {
      this.#count(row, 1);
      index.records.mark(index.add(hash, row.bytes, row.start, row.end), matches.own);
      return;
    }
    const said = this.#saidOf(index.at(first));
    if (said !== undefined) {
      this.desired.duplicates++;
      if (!wins(row, said)) return;
      this.#count(said, -1);
    }
    this.#count(row, 1);
    // Every spelling of the address follows the row.
    for (let slot = first; slot >= 0; slot = index.after(slot, key, hash)) this.#settle(index.at(slot), row);
  }

  #settle(entry: number, row: Row): void {
    const { records } = this.#index;
    if (records.matchOf(entry) === matches.own) records.setStatus(entry, statusCodes.absent);
    const status = records.statusOf(entry);
    if (row.subscribed && status === statusCodes.subscribed && this.#showsSame(entry, row)) {
      records.mark(entry, matches.same);
      records.setTime(entry, row.time);
      if (this.#namesGuid) records.raise(entry, flags.guidNamed);
    } else if (!row.subscribed && status === statusCodes.unsubscribed && Number.isNaN(row.time)) {
      records.mark(entry, matches.bothUnsubscribed);
    } else {
      records.mark(entry, matches.linked);
      records.setLink(entry, this.#index.keep(row.bytes, row.start, row.end));
    }
  }

  /** What earlier rows said of an entry; undefined when there was none. */
  #saidOf(entry: number): Said | undefined {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.none) return undefined;
    if (match === matches.bothUnsubscribed) return { subscribed: false, time: Number.NaN };
    const record = match === matches.linked ? records.linkOf(entry) : entry;
    return { subscribed: records.statusOf(record) === statusCodes.subscribed, time: records.timeOf(record) };
  }

  #showsSame(entry: number, row: Row): boolean {
    const { columns, comparable } = this.#index;
    this.#namesGuid = false;
    const current = this.#index.records.open(this.#mine, entry).skip(2);
    const desired = this.#theirs.open(row.bytes, row.start).skip(2);
    for (const column of columns) {
      current.read();
      desired.read();
      if (column === "guid") this.#namesGuid = desired.length > 0;
      const follows = column === "guid" ? comparable.guid && this.#namesGuid : comparable.data;
      if (follows && !current.equals(desired)) return false;
    }
    return true;
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
