import { hash } from "node:crypto";

/**
 * An entry has a fixed size, in 32-bit words: three words of key, the content (in some memories none), and one word of
 * stamp. Words are little-endian, like the processors of Lambda.
 */
export interface EntryFormat {
  /** In words. */
  readonly size: number;
  /** Names kind and version. It goes into the seal, so entries of another format count as damaged. */
  readonly label: string;
  /** How many entries of each flag are kept, the newest ones. */
  readonly limit: number;
  /** Whether an entry with this stamp still matters. */
  isKept(stamp: number): boolean;
}

export const keyWords = 3;

const minuteMs = 60_000;

/** SHA-256 as a string of one character per byte: making a buffer takes several times as long. */
export function digestOf(text: string): string {
  return hash("sha256", text, "binary");
}

/** The nth word of a digest. */
export function wordOf(digest: string, n: number): number {
  const at = 4 * n;
  const low = digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8);
  return (low | (digest.charCodeAt(at + 2) << 16) | (digest.charCodeAt(at + 3) << 24)) >>> 0;
}

/** Four characters of which {@link wordOf} makes this word. */
export function textOfWord(word: number): string {
  return String.fromCharCode(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24);
}

/** Time, in minutes, and a flag in one word. */
export function stampOf(at: number, flag: 0 | 1): number {
  return 2 * Math.floor(at / minuteMs) + flag;
}

/** The stamp of an entry that removes the one before it. */
export const forgotten = 0;

/** In ms since the epoch. */
export function timeOf(stamp: number): number {
  return (stamp >>> 1) * minuteMs;
}

export function flagOf(stamp: number): number {
  return stamp & 1;
}

/** Negative, zero or positive, as for `sort`. */
export function compareKeys(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  return a[atA]! - b[atB]! || a[atA + 1]! - b[atB + 1]! || a[atA + 2]! - b[atB + 2]!;
}
