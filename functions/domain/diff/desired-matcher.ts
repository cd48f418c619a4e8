import { causeCode } from "../records/pack-subscriber.ts";
import { flags, layout, type RecordBlock, recordEnd, statusCodes } from "../records/packed-record.ts";
import { matches } from "../records/record-arena.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { type DesiredRow, Settler } from "./settler.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** What a row of the source says; `time` is NaN when it carries none, and `cause` a code. */
interface Said {
  readonly subscribed: boolean;
  readonly cause: number;
  readonly time: number;
}

const byReader = causeCode("READER");

type Row = DesiredRow;

/**
 * Matches the source's rows, as they stream past, with what the provider is known to hold so far. Of rows that share an
 * address the most recent wins if all carry a time or none is unsubscribed, else an unsubscribed one; in whatever
 * order they come, but for those of one time, or of none, whose first one wins. Where time does not tell which row
 * counts, an opt-out that the reader made stays the reader's.
 */
export class DesiredMatcher {
  /** One for each address, but `duplicates` counts the rows that gave way. */
  readonly desired = { subscribed: 0, unsubscribed: 0, duplicates: 0 };

  readonly #index: SubscriberIndex;
  readonly #key = new TextCursor();
  readonly #settler: Settler;

  readonly #onDuplicate: (canonical: string) => void;

  /** @param onDuplicate is told the address of each row that shares one with an earlier row */
  constructor(index: SubscriberIndex, onDuplicate: (canonical: string) => void = () => undefined) {
    this.#index = index;
    this.#settler = new Settler(index);
    this.#onDuplicate = onDuplicate;
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
      const entry = index.add(hash, row);
      index.records.mark(entry, matches.own);
      this.#remember(entry, row);
      return;
    }
    const said = this.#saidOf(index.at(first));
    const winner = said === undefined ? row : this.#winnerOf(row, said, index.at(first));
    // Every spelling of the address follows the row.
    for (let slot = first; slot >= 0; slot = index.after(slot, key, hash)) {
      this.#remember(index.at(slot), row);
      if (winner !== undefined) this.#settle(index.at(slot), winner);
    }
    if (said !== undefined) {
      this.desired.duplicates++;
      this.#onDuplicate(key.toString());
    }
    if (said !== undefined && winner !== undefined) this.#count(said, -1);
    if (winner !== undefined) this.#count(winner, 1);
  }

  /** What takes the place of what earlier rows said of an address; undefined when that stands. */
  #winnerOf(row: Row, said: Said, entry: number): Row | undefined {
    const { records } = this.#index;
    const timed = !Number.isNaN(row.time) && !records.hasFlag(entry, flags.saidWithoutTime);
    if (timed && row.time !== said.time) return row.time > said.time ? row : undefined;
    const isReaders = causeOf(row) === byReader || (!timed && records.hasFlag(entry, flags.saidByReader));
    if (!said.subscribed)
      return isReaders && said.cause !== byReader ? unsubscribed(row, byReader) : undefined;
    const someLeft = !row.subscribed || (!timed && records.hasFlag(entry, flags.saidUnsubscribed));
    if (!someLeft) return isMoreRecent(row.time, said.time) ? row : undefined;
    return unsubscribed(row, isReaders ? byReader : causeOf(row));
  }

  /** Rows may come in any order, so an opt-out that a more recent row outdid must not be forgotten. */
  #remember(entry: number, row: Row): void {
    const { records } = this.#index;
    if (!row.subscribed) records.raise(entry, flags.saidUnsubscribed);
    if (Number.isNaN(row.time)) records.raise(entry, flags.saidWithoutTime);
    if (causeOf(row) === byReader) records.raise(entry, flags.saidByReader);
  }

  #settle(entry: number, row: Row): void {
    const { records } = this.#index;
    if (records.matchOf(entry) === matches.own) records.setStatus(entry, statusCodes.absent);
    this.#settler.settle(entry, row);
  }

  /** What earlier rows said of an entry; undefined when there was none. */
  #saidOf(entry: number): Said | undefined {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.none) return undefined;
    if (match === matches.bothUnsubscribed) {
      return { subscribed: false, cause: records.linkOf(entry), time: Number.NaN };
    }
    const record = match === matches.linked ? records.linkOf(entry) : entry;
    const subscribed = records.statusOf(record) === statusCodes.subscribed;
    return { subscribed, cause: records.causeOf(record), time: records.timeOf(record) };
  }

  #count(says: Pick<Said, "subscribed">, by: number): void {
    if (says.subscribed) this.desired.subscribed += by;
    else this.desired.unsubscribed += by;
  }
}

/** A time that is not known is before all others. */
function isMoreRecent(time: number, other: number): boolean {
  return time > other || (!Number.isNaN(time) && Number.isNaN(other));
}

/** The row as one that is unsubscribed for this cause: if it does not say so itself, an earlier one did. */
function unsubscribed(row: Row, cause: number): Row {
  if (!row.subscribed && causeOf(row) === cause) return row;
  const bytes = row.bytes.slice(row.start, row.end);
  bytes[layout.status] = statusCodes.unsubscribed;
  bytes[layout.cause] = cause;
  return { ...row, bytes, start: 0, end: bytes.length, subscribed: false };
}

function causeOf({ bytes, start }: Row): number {
  return bytes[start + layout.cause]!;
}
