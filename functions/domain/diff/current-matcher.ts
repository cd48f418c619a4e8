import { flags, layout, recordEnd, statusCodes } from "../records/packed-record.ts";
import { matches } from "../records/record-arena.ts";
import type { SubscriberPage } from "../records/subscriber-page.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { Settler } from "./settler.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** A row of a page: the record in `bytes` from `start` to `end`. */
interface PageRow {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Joins the provider's rows, page by page, with what the source has said of their addresses so far. Pages and the
 * source's rows may come in any order and by turns.
 */
export class CurrentMatcher {
  readonly #index: SubscriberIndex;
  readonly #settler: Settler;
  readonly #key = new TextCursor();
  readonly #spelling = new TextCursor();
  readonly #other = new TextCursor();

  constructor(index: SubscriberIndex) {
    this.#index = index;
    this.#settler = new Settler(index);
  }

  match({ records: { bytes, count }, showsGuid, showsData }: SubscriberPage): void {
    const index = this.#index;
    index.comparable.guid ||= showsGuid;
    index.comparable.data ||= showsData;
    const texts = 2 + index.columns.length;
    // One object for all rows: millions of short-lived ones would keep the garbage collector busy.
    const row = { bytes, start: 0, end: 0 };
    for (let left = count; left > 0; left--) {
      row.start = row.end;
      row.end = recordEnd(bytes, row.start, texts);
      this.#matchRow(row);
    }
  }

  #matchRow(row: PageRow): void {
    const index = this.#index;
    const { bytes, start } = row;
    const key = this.#key.open(bytes, start).read();
    const hash = key.hash();
    const spelling = this.#spelling.open(bytes, start).skip(2);
    let unheld = -1;
    let sibling = -1;
    for (let slot = index.first(key, hash); slot >= 0; slot = index.after(slot, key, hash)) {
      const entry = index.at(slot);
      if (!index.isHeld(entry)) unheld = slot;
      else if (!index.records.open(this.#other, entry).skip(2).equals(spelling)) sibling = entry;
      else {
        this.#repeat(entry, row);
        return;
      }
    }
    index.countRow(hash, spelling, bytes[start + layout.status]!);
    if (unheld >= 0) this.#adopt(unheld, row);
    else if (sibling >= 0) this.#follow(index.add(hash, row), sibling);
    else index.add(hash, row);
  }

  /** Of two sights of one row, the unsubscribed one counts: nobody may be mailed by mistake. */
  #repeat(entry: number, { bytes, start }: PageRow): void {
    const { records } = this.#index;
    const turns =
      records.statusOf(entry) === statusCodes.subscribed &&
      bytes[start + layout.status] !== statusCodes.subscribed;
    this.#index.countRepeated(turns);
    if (!turns) return;
    const wanted = this.#settler.rowOf(entry);
    const offset = records.offsetOf(entry);
    records
      .bytesOf(entry)
      .set(bytes.subarray(start + layout.status, start + layout.flags), offset + layout.status);
    records.setTime(entry, timeOf(bytes, start));
    if (wanted !== undefined) this.#settler.settle(entry, wanted);
  }

  /** The source spoke of the address first: what it said is held against the row. */
  #adopt(slot: number, row: PageRow): void {
    const index = this.#index;
    const unheld = index.at(slot);
    if (this.#merge(unheld, row)) return;
    const wanted = this.#settler.rowOf(unheld)!;
    const entry = index.records.append(row.bytes, row.start, row.end);
    index.replace(slot, entry);
    this.#remember(entry, unheld);
    this.#settler.settle(entry, wanted);
  }

  /** Another spelling of the address is there: what the source said of that one holds for this one. */
  #follow(entry: number, sibling: number): void {
    const wanted = this.#settler.rowOf(sibling);
    if (wanted === undefined) return;
    this.#remember(entry, sibling);
    // With a record of its own, as what is noted there is noted of one spelling.
    this.#settler.settle(entry, { ...wanted, position: undefined });
  }

  /** One record serves both sides where their texts are the same, which most are. */
  #merge(entry: number, { bytes, start, end }: PageRow): boolean {
    const { records, columns } = this.#index;
    const mine = records.bytesOf(entry);
    const offset = records.offsetOf(entry);
    const status = bytes[start + layout.status]!;
    if (records.matchOf(entry) !== matches.own || mine[offset + layout.status] !== status) return false;
    for (let at = start + layout.key, other = offset + layout.key; at < end; at++, other++) {
      if (bytes[at] !== mine[other]) return false;
    }
    if (status === statusCodes.subscribed) {
      const guid = columns.indexOf("guid");
      const namesGuid = guid >= 0 && records.open(this.#other, entry).skip(3 + guid).length > 0;
      if (namesGuid) records.raise(entry, flags.guidNamed);
      records.mark(entry, matches.same);
    } else {
      if (!Number.isNaN(records.timeOf(entry))) return false;
      records.setLink(entry, mine[offset + layout.cause]!);
      mine[offset + layout.cause] = bytes[start + layout.cause]!;
      records.setTime(entry, timeOf(bytes, start));
      records.mark(entry, matches.bothUnsubscribed);
    }
    mine[offset + layout.flags]! |= bytes[start + layout.flags]!;
    return true;
  }

  /** What rows of the source said of the address before. */
  #remember(entry: number, other: number): void {
    const { records } = this.#index;
    for (const flag of [flags.saidUnsubscribed, flags.saidWithoutTime, flags.saidByReader]) {
      if (records.hasFlag(other, flag)) records.raise(entry, flag);
    }
  }
}

function timeOf(bytes: Uint8Array, start: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(start + layout.time, true);
}
