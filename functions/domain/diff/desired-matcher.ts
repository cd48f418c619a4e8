import { isDeliverable } from "../email.ts";
import { isPlainAddress } from "../records/is-plain-address.ts";
import { causeCode } from "../records/pack-subscriber.ts";
import {
  type CauseCode,
  causeAt,
  flags,
  layout,
  type RecordBlock,
  recordEnd,
  type StatusCode,
  statusAt,
  statusCodes,
  textsOf,
} from "../records/packed-record.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { unpackCause, unpackDesired, unpackDesiredStatus } from "../records/unpack-subscriber.ts";
import { type EarlierRows, type RowStatus, resolveDuplicate } from "../resolve-duplicate.ts";
import { DesiredByEntry, type DesiredRow } from "./desired-by-entry.ts";
import { noSlot } from "./hash-slots.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

const readerCode = causeCode("READER");

/** Rows that share an address which no provider would accept: each may be another reader's. */
export interface UnusableRows {
  duplicates: number;
  /** Of all rows but those that say "unsubscribed". */
  readonly guids: Set<string>;
}

/**
 * Joins the source's rows, block by block, with the provider's rows that have come so far. Of rows that share an
 * address, {@link resolveDuplicate} says which counts.
 */
export class DesiredMatcher {
  readonly #desired = { subscribed: 0, unsubscribed: 0, undecided: 0, duplicates: 0 };
  /** By canonical address. */
  readonly unusable = new Map<string, UnusableRows>();
  readonly #index: SubscriberIndex;
  readonly #byEntry: DesiredByEntry;
  readonly #key = new TextCursor();

  constructor(index: SubscriberIndex) {
    this.#index = index;
    this.#byEntry = new DesiredByEntry(index);
  }

  /** Each address counts once; `duplicates` are the other rows. */
  get desired(): Readonly<Record<"subscribed" | "unsubscribed" | "undecided" | "duplicates", number>> {
    return this.#desired;
  }

  match({ bytes, count }: RecordBlock): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const textCount = textsOf(this.#index.columns);
    // One object for all rows: millions of short-lived ones would keep the garbage collector busy.
    const row = {
      bytes,
      start: 0,
      end: 0,
      status: statusCodes.absent as StatusCode,
      consentedAt: Number.NaN,
    };
    for (let left = count; left > 0; left--) {
      row.start = row.end;
      row.end = recordEnd(bytes, row.start, textCount);
      row.status = statusAt(bytes, row.start);
      row.consentedAt = view.getFloat64(row.start + layout.time, true);
      this.#matchRow(row);
    }
  }

  #matchRow(row: DesiredRow): void {
    const index = this.#index;
    const key = this.#key.open(row.bytes, row.start).read();
    const hash = key.hash();
    const first = index.first(key, hash);
    if (first === noSlot) {
      this.#count(unpackDesiredStatus(row.status), 1);
      const entry = index.add(hash, row);
      index.records.markOnlyDesired(entry);
      this.#addToHistory(entry, row);
      return;
    }
    const earlier = this.#earlierRowsOf(index.at(first));
    const counted = earlier === undefined ? row : resolved(row, earlier);
    if (earlier !== undefined) this.#addDuplicate(index.at(first), row);
    // The row holds for every spelling of its address.
    for (let slot = first; slot !== noSlot; slot = index.after(slot, key, hash)) {
      this.#addToHistory(index.at(slot), row);
      if (counted !== undefined) this.#byEntry.set(index.at(slot), counted);
    }
    if (earlier !== undefined && counted !== undefined) this.#count(earlier.subscribed, -1);
    if (counted !== undefined) this.#count(unpackDesiredStatus(counted.status), 1);
  }

  #addDuplicate(entry: Position, { bytes, start }: DesiredRow): void {
    this.#desired.duplicates++;
    const key = this.#key;
    if (isPlainAddress(key.bytes, key.start, key.end)) return;
    const canonical = key.toString();
    if (isDeliverable(canonical)) return;
    const row = unpackDesired(bytes, start, this.#index.columns);
    const known = this.unusable.get(canonical);
    const rows = known ?? { duplicates: 0, guids: new Set() };
    this.unusable.set(canonical, rows);
    rows.duplicates++;
    for (const { subscribed, fields } of known ? [row] : [this.#index.desiredOf(entry) ?? row, row]) {
      if (subscribed !== false && fields["guid"]) rows.guids.add(fields["guid"]);
    }
  }

  /** Rows may come in any order, so a row that does not count must not be forgotten either, unless it says nothing. */
  #addToHistory(entry: Position, row: DesiredRow): void {
    const { records } = this.#index;
    if (row.status === statusCodes.undecided) return;
    if (row.status === statusCodes.unsubscribed) records.setFlag(entry, flags.anyUnsubscribed);
    if (Number.isNaN(row.consentedAt)) records.setFlag(entry, flags.anyUntimed);
    if (causeOf(row) === readerCode) records.setFlag(entry, flags.anyOptedOut);
  }

  #earlierRowsOf(entry: Position): EarlierRows | undefined {
    const { records } = this.#index;
    const match = records.matchOf(entry);
    if (match === matches.onlyCurrent) return undefined;
    const history = {
      anyUnsubscribed: records.hasFlag(entry, flags.anyUnsubscribed),
      anyOptedOut: records.hasFlag(entry, flags.anyOptedOut),
      anyUntimed: records.hasFlag(entry, flags.anyUntimed),
    };
    if (match === matches.sameUnsubscribed) {
      const cause = unpackCause(records.desiredCauseOf(entry));
      return { subscribed: false, cause, consentedAt: undefined, ...history };
    }
    const record = match === matches.separate ? records.desiredRecordOf(entry) : entry;
    return {
      subscribed: unpackDesiredStatus(records.statusOf(record)),
      cause: unpackCause(records.causeOf(record)),
      consentedAt: known(records.timeOf(record)),
      ...history,
    };
  }

  #count(subscribed: boolean | undefined, by: number): void {
    if (subscribed === undefined) this.#desired.undecided += by;
    else if (subscribed) this.#desired.subscribed += by;
    else this.#desired.unsubscribed += by;
  }
}

/** The row as it counts from now on; undefined while the earlier rows do. */
function resolved(row: DesiredRow, earlier: EarlierRows): DesiredRow | undefined {
  switch (resolveDuplicate(rowStatusOf(row), earlier)) {
    case "earlier":
      return undefined;
    case "row":
      return row;
    case "unsubscribed":
      return asUnsubscribed(row, causeOf(row));
    case "optedOut":
      return asUnsubscribed(row, readerCode);
  }
}

function asUnsubscribed(row: DesiredRow, cause: CauseCode): DesiredRow {
  if (row.status === statusCodes.unsubscribed && causeOf(row) === cause) return row;
  const bytes = row.bytes.slice(row.start, row.end);
  bytes[layout.status] = statusCodes.unsubscribed;
  bytes[layout.cause] = cause;
  return { ...row, bytes, start: 0, end: bytes.length, status: statusCodes.unsubscribed };
}

function rowStatusOf(row: DesiredRow): RowStatus {
  const { consentedAt } = row;
  return {
    subscribed: unpackDesiredStatus(row.status),
    cause: unpackCause(causeOf(row)),
    consentedAt: known(consentedAt),
  };
}

function causeOf({ bytes, start }: DesiredRow): CauseCode {
  return causeAt(bytes, start);
}

function known(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
