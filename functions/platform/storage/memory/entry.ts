import { hash } from "node:crypto";

/**
 * An entry of a list's memory, in words of 32 bits: a key of 96 bits, what the entry says beside its time (in some
 * memories nothing), and a stamp. Little-endian, as are the processors of Lambda.
 */
export interface EntryFormat {
  /** Words of an entry. */
  readonly size: number;
  /** Mixed into the seal: the entries of another kind or version are damaged ones. */
  readonly label: string;
  /** How many entries of either flag are kept; of more, the newest. */
  readonly limit: number;
  /** Whether an entry of this age still matters. */
  isKept(stamp: number): boolean;
}

export const keyWords = 3;

const minuteMs = 60_000;

/** SHA-256, as a string of one character for each byte: five times as fast as a buffer. */
export function digestOf(text: string): string {
  return hash("sha256", text, "binary");
}

/** The n-th word of a digest. */
export function wordOf(digest: string, n: number): number {
  const at = 4 * n;
  const low = digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8);
  return (low | (digest.charCodeAt(at + 2) << 16) | (digest.charCodeAt(at + 3) << 24)) >>> 0;
}

/** A minute and a flag in one word. */
export function stampOf(at: number, flag: 0 | 1): number {
  return 2 * Math.floor(at / minuteMs) + flag;
}

/** The stamp of an entry that is to be dropped. */
export const forgotten = 0;

/** In ms since the epoch. */
export function timeOf(stamp: number): number {
  return (stamp >>> 1) * minuteMs;
}

export function flagOf(stamp: number): number {
  return stamp & 1;
}

/** Below, at or above zero: the order of the keys of two entries. */
export function compareKeys(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  return a[atA]! - b[atB]! || a[atA + 1]! - b[atB + 1]! || a[atA + 2]! - b[atB + 2]!;
}
