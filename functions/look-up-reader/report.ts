import type { Receipt } from "./erasure.ts";

/** What a run says of itself: names, numbers and the reader's hash, never an address. */
export interface LookUpReport extends Receipt {
  /** The first characters of the hash that stands for the reader in the history. */
  reader: string;
  /** The lists that were looked at. */
  lists: readonly string[];
  notes: readonly string[];
  ms: number;
}
