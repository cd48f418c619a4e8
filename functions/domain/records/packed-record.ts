/**
 * One address as consecutive bytes: the form in which both sides travel from where they are parsed to the
 * index that compares them, and in which the index keeps them. No JavaScript object per row.
 *
 * ```
 * 0  u32  link    the index's own: position of a related record
 * 4  u8   status  0 absent, 1 subscribed, 2 unsubscribed
 * 5  u8   cause   0 none, else 1 + its place in unsubscribeCauses
 * 6  u8   flags   see `flags`
 * 7  u8   match   the index's own: what the source says of it
 * 8  f64  time    unsubscribed at / consented at, in ms since the epoch; NaN is not known
 * 16 text key       the canonical address
 *    text spelling  the address as its side spells it; empty when that is the key
 *    text field     one for each column, in the columns' order; empty is no value
 * ```
 * A text is its length in bytes (LEB128: seven bits a byte) and then its UTF-8 bytes.
 */
export const layout = {
  link: 0,
  status: 4,
  cause: 5,
  flags: 6,
  match: 7,
  time: 8,
  key: 16,
} as const;

export const flags = {
  /** Provider's side: it subscribed after the source was read. */
  recent: 1,
  /** The index's own, of an entry that is the same on both sides: the source names its guid, too. */
  guidNamed: 2,
  /** The index's own, of the source's side: another address has its guid, so it goes without. */
  guidWithheld: 4,
  /** The index's own, of an entry: some row of the source said that it is unsubscribed. */
  saidUnsubscribed: 8,
  /** The index's own, of an entry: some row of the source carried no time. */
  saidWithoutTime: 16,
  /** The index's own, of an entry: some row of the source said that the reader unsubscribed it. */
  saidByReader: 32,
} as const;

export const statusCodes = {
  absent: 0,
  subscribed: 1,
  unsubscribed: 2,
} as const;

/** Records one after the other in `bytes`, as one page or one batch of rows becomes. */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** Where a record of so many texts ends that starts at `start`. */
export function recordEnd(bytes: Uint8Array, start: number, texts: number): number {
  let at = start + layout.key;
  for (let left = texts; left > 0; left--) {
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
