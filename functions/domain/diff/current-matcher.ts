import {
  causeAt,
  fieldText,
  flags,
  layout,
  type RecordSlice,
  recordEnd,
  spellingText,
  statusAt,
  statusCodes,
  textsOf,
  timeAt,
} from "../records/packed-record.ts";
import type { SubscriberPage } from "../records/subscriber-page.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { DesiredByEntry } from "./desired-by-entry.ts";
import { noSlot, type Slot } from "./hash-slots.ts";
import { heldMemberCodes } from "./held-members.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

const historyFlags = [flags.anyUnsubscribed, flags.anyUntimed, flags.anyOptedOut] as const;

/**
 * Joins the provider's rows, page by page, with the rows of the source that have come so far. Pages and rows of the
 * source may come in any order, and in turns.
 */
export class CurrentMatcher {
  readonly #index: SubscriberIndex;
  readonly #hasJoined: (subscribedAt: number) => boolean;
  readonly #desired: DesiredByEntry;
  readonly #guidText: number | undefined;
  readonly #key = new TextCursor();
  readonly #spelling = new TextCursor();
  readonly #other = new TextCursor();

  /** @param hasJoined whether who subscribed at this time did so since the reading of the list began */
  constructor(index: SubscriberIndex, hasJoined: (subscribedAt: number) => boolean = () => false) {
    this.#index = index;
    this.#hasJoined = hasJoined;
    this.#desired = new DesiredByEntry(index);
    this.#guidText = fieldText(index.columns, "guid");
  }

  match(page: Omit<SubscriberPage, "oddRows">): void {
    this.#index.addComparable(page);
    const { bytes, count } = page.records;
    const textCount = textsOf(this.#index.columns);
    // One object for all rows: millions of short-lived ones would keep the garbage collector busy.
    const row = { bytes, start: 0, end: 0 };
    for (let left = count; left > 0; left--) {
      row.start = row.end;
      row.end = recordEnd(bytes, row.start, textCount);
      this.#matchRow(row);
    }
  }

  #matchRow(row: RecordSlice): void {
    const index = this.#index;
    const { bytes, start } = row;
    const key = this.#key.open(bytes, start).read();
    const hash = key.hash();
    const spelling = this.#spelling.open(bytes, start).forward(spellingText);
    let onlyDesired = noSlot;
    let otherSpelling: Position | undefined;
    for (let slot = index.first(key, hash); slot !== noSlot; slot = index.after(slot, key, hash)) {
      const entry = index.at(slot);
      if (!index.isAtProvider(entry)) onlyDesired = slot;
      else if (!index.records.open(this.#other, entry).forward(spellingText).equals(spelling)) {
        otherSpelling = entry;
      } else {
        this.#matchRepeated(entry, row);
        return;
      }
    }
    const status = statusAt(bytes, start);
    index.countRow(hash, spelling, status);
    if (status === statusCodes.subscribed && this.#hasJoined(timeAt(bytes, start))) index.countJoined();
    if (onlyDesired !== noSlot) this.#joinDesired(onlyDesired, row);
    else if (otherSpelling === undefined) index.add(hash, row);
    else this.#addSpelling(index.add(hash, row), otherSpelling);
  }

  /** If a row comes twice, the unsubscribed one counts: nobody may be mailed by mistake. */
  #matchRepeated(entry: Position, { bytes, start }: RecordSlice): void {
    const { records } = this.#index;
    const isNewlyUnsubscribed =
      records.statusOf(entry) === statusCodes.subscribed && statusAt(bytes, start) !== statusCodes.subscribed;
    this.#index.countRepeated(isNewlyUnsubscribed);
    if (!isNewlyUnsubscribed) return;
    const desired = this.#desired.get(entry);
    records.markOnlyCurrent(entry);
    records.setStatus(entry, statusAt(bytes, start));
    records.setCause(entry, causeAt(bytes, start));
    records.setTime(entry, timeAt(bytes, start));
    if (desired !== undefined) this.#desired.set(entry, desired);
  }

  /** Joins a row with an address that only the source has had so far. */
  #joinDesired(slot: Slot, row: RecordSlice): void {
    const index = this.#index;
    const before = index.at(slot);
    if (this.#shareRecord(before, row)) return;
    const desired = this.#desired.get(before)!;
    const entry = index.records.append(row.bytes, row.start, row.end);
    index.replace(slot, entry);
    this.#copyHistory(before, entry);
    this.#desired.set(entry, desired);
  }

  /** The row of the source holds for every spelling of its address. */
  #addSpelling(entry: Position, otherSpelling: Position): void {
    this.#index.markSpellings(entry, otherSpelling);
    const desired = this.#desired.get(otherSpelling);
    if (desired === undefined) return;
    this.#copyHistory(otherSpelling, entry);
    // Stored a second time, as a withheld guid is noted in the row, and for one spelling.
    this.#desired.set(entry, { ...desired, position: undefined });
  }

  /** Lets one record be both sides, if it can: most rows are the same on both. */
  #shareRecord(entry: Position, { bytes, start, end }: RecordSlice): boolean {
    const { records } = this.#index;
    const status = statusAt(bytes, start);
    const desired = records.bytesOf(entry);
    const offset = records.offsetOf(entry);
    if (records.matchOf(entry) !== matches.onlyDesired || statusAt(desired, offset) !== status) return false;
    for (let at = start + layout.key, other = offset + layout.key; at < end; at++, other++) {
      if (bytes[at] !== desired[other]) return false;
    }
    if (status === statusCodes.subscribed) {
      if (this.#hasGuid(entry)) records.setFlag(entry, flags.hasDesiredGuid);
      records.markSameSubscribed(entry, timeAt(bytes, start));
    } else {
      if (!Number.isNaN(records.timeOf(entry)) || heldMemberCodes.has(causeAt(bytes, start))) return false;
      records.markSameUnsubscribed(entry, records.causeOf(entry));
      records.setCause(entry, causeAt(bytes, start));
      records.setTime(entry, timeAt(bytes, start));
    }
    return true;
  }

  #hasGuid(entry: Position): boolean {
    if (this.#guidText === undefined) return false;
    return this.#index.records.open(this.#other, entry).forward(this.#guidText).length > 0;
  }

  /** What is known of all rows of the source for an address holds for each of its entries. */
  #copyHistory(from: Position, to: Position): void {
    const { records } = this.#index;
    for (const flag of historyFlags) {
      if (records.hasFlag(from, flag)) records.setFlag(to, flag);
    }
  }
}
