import type { Change } from "../domain/plan.ts";
import type { BatchAnswer } from "../domain/reconcile.ts";
import type { SubscriberPage } from "../domain/records/subscriber-page.ts";

/** How many addresses a list holds, as the provider counts them. */
export interface ListCounts {
  readonly subscribed: number;
  readonly unsubscribed: number;
}

export interface ReadOptions {
  /** The fields to pack, in this order: `guid` and `data_*`. */
  readonly columns: readonly string[];
  /** Who subscribed at or after this time (ms since the epoch) is packed as recent. */
  readonly recentSince: number;
  /** How many rows the list was counted to have: a hint of how far to read ahead, not where to stop. */
  readonly expected: number;
  readonly signal: AbortSignal;
}

export interface WriteOptions {
  /** When the run began that saw both sides, in ms since the epoch: who was unsubscribed since then is not resubscribed. */
  readonly since: number;
  readonly signal: AbortSignal;
}

/** One list at a newsletter provider. Every call retries what is worth retrying before it throws. */
export interface Provider {
  /** The most rows that a batch may have. */
  readonly maxBatchRows: number;
  /** Requests made since the provider was built, and those of them that repeated an earlier one. */
  readonly requests: { readonly sent: number; readonly retried: number };
  /** @throws ProviderUnavailableError, CredentialError, ProviderRefusalError, ProviderContractError */
  countSubscribers(signal: AbortSignal): Promise<ListCounts>;
  /**
   * Reads every address of the list, subscribed or not. A page may repeat or leave out rows when the list
   * changes meanwhile: whoever reads proves that the whole was read.
   *
   * @throws ProviderUnavailableError, CredentialError, ProviderRefusalError, ProviderContractError
   */
  readPages(options: ReadOptions): AsyncIterable<SubscriberPage>;
  /**
   * Applies the changes of one batch; sending it again changes nothing more.
   *
   * @throws BatchRefusedError when rows of the batch are refused (nothing of it was applied), and as above
   */
  writeBatch(changes: readonly Change[], options: WriteOptions): Promise<BatchAnswer>;
}
