import type { Branded } from "../branded.ts";

/**
 * One address as consecutive bytes: the form in which both sides travel from where they are parsed to the
 * index that compares them, and in which the index keeps them. No JavaScript object per row.
 *
 * ```
 *  0  u32   desiredRecord  position of the source's row       } the index's own:
 *     u32   subscribedAt   second since the epoch, 0 unknown  } its `match` says which
 *     u8    desiredCause   cause that the source's row gives  } of them stands here
 *  4  u8    status    0 absent, 1 subscribed, 2 unsubscribed, 3 undecided
 *  5  u8    cause     0 none, else 1 + its place in unsubscribeCauses
 *  6  u8    flags     see `flags`
 *  7  u8    match     the index's own: how the two sides of an address compare
 *  8  f64   time      when it subscribed or was unsubscribed (provider), or when the reader consented (source),
 *                     in ms since the epoch; NaN if unknown
 * 16  text  key       the canonical address
 *     text  spelling  the address as its side spells it; empty if that is the key
 *     text  fields    one for each column, in the order of the columns; empty is no value
 * ```
 * A text is its length in bytes (LEB128: seven bits a byte), followed by its UTF-8 bytes.
 */
export const layout = {
  desiredRecord: 0,
  subscribedAt: 0,
  desiredCause: 0,
  status: 4,
  cause: 5,
  flags: 6,
  match: 7,
  time: 8,
  key: 16,
} as const;

export const flags = {
  /** Entry of the index: the provider has the address in another spelling, too. */
  respelled: 1,
  /** Entry of the index that is the same on both sides: the source's row has the guid, too. */
  hasDesiredGuid: 2,
  /** Source's row: sent without its guid, as another address has the guid. */
  guidWithheld: 4,
  /** Entry of the index: some row of the source was unsubscribed, even if another row counts. */
  anyUnsubscribed: 8,
  /** Entry of the index: some row of the source had no time. */
  anyUntimed: 16,
  /** Entry of the index: some row of the source was unsubscribed by the reader. */
  anyOptedOut: 32,
} as const;
export type Flag = (typeof flags)[keyof typeof flags];

export const statusCodes = {
  absent: 0,
  subscribed: 1,
  unsubscribed: 2,
  /** Of the source's row only. */
  undecided: 3,
} as const;
export type StatusCode = (typeof statusCodes)[keyof typeof statusCodes];

/** A cause as a record holds it; see `causeCode`. */
export type CauseCode = Branded<number, "CauseCode">;

/** The number of the spelling among a record's texts: the key is the first. */
export const spellingText = 2;

/** The number of a column's field among the texts of a record; undefined if there is no such column. */
export function fieldText(columns: readonly string[], column: string): number | undefined {
  const index = columns.indexOf(column);
  return index < 0 ? undefined : spellingText + 1 + index;
}

/** How many texts a record of these columns has. */
export function textsOf(columns: readonly string[]): number {
  return spellingText + columns.length;
}

/** A block of records, one after the other in `bytes`: a page, or a batch of rows. */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** One record: the bytes from `start` to `end`. */
export interface RecordSlice {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Where a record with this many texts ends. */
export function recordEnd(bytes: Uint8Array, start: number, textCount: number): number {
  let at = start + layout.key;
  for (let left = textCount; left > 0; left--) {
    let byte = bytes[at++]!;
    let size = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes[at++]!;
      size |= (byte & 0x7f) << shift;
    }
    at += size;
  }
  return at;
}

export function statusAt(bytes: Uint8Array, start: number): StatusCode {
  return bytes[start + layout.status] as StatusCode;
}

export function causeAt(bytes: Uint8Array, start: number): CauseCode {
  return bytes[start + layout.cause] as CauseCode;
}

/** In ms since the epoch; NaN if unknown. */
export function timeAt(bytes: Uint8Array, start: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(start + layout.time, true);
}
