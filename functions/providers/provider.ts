import type { BatchAnswer } from "../domain/batch-answer.ts";
import type { Change } from "../domain/plan.ts";
import type { SubscriberPage } from "../domain/records/subscriber-page.ts";
import type { CurrentSubscriber } from "../domain/subscriber.ts";
import type { RequestCounts } from "../platform/http/http.ts";

/** How many addresses a list holds, as the provider counts them. */
export interface ListCounts {
  readonly subscribed: number;
  readonly unsubscribed: number;
}

export interface ReadOptions {
  /** The fields to pack, in this order: `guid` and `data_*`. */
  readonly columns: readonly string[];
  /** Times of subscription from this one on (ms since the epoch) are exact; of earlier ones, the day is enough. */
  readonly subscribedSince: number;
  /** How many rows the list was counted to have: how far to read ahead, not where to stop. */
  readonly expected: number;
  readonly signal: AbortSignal;
}

export interface WriteOptions {
  /** When the run that saw both sides began, in ms since the epoch: whoever was unsubscribed since is not resubscribed. */
  readonly since: number;
  /** How many addresses the list had when it was read: if it has others now, new ones are looked for. */
  readonly held: number;
  /** How often a batch is tried at which the provider fails; few are enough for a part of one. @default "usual" */
  readonly tries?: "usual" | "few";
  readonly signal: AbortSignal;
}

/** What a search for some addresses found. */
export interface FoundSubscribers {
  /** Every row of these addresses, in whatever spelling. */
  readonly rows: readonly CurrentSubscriber[];
  /** Whether any row showed a guid, or a `data_*`. */
  readonly showsGuid: boolean;
  readonly showsData: boolean;
}

/** One list at a newsletter provider, as it is read. Every call retries what is worth retrying before it throws. */
export interface ReadableList {
  /** Requests since the provider was opened. */
  readonly requests: RequestCounts;
  /** Whether an empty value that is sent empties the field. */
  readonly clearsFields: boolean;
  /** @throws ProviderUnavailableError, CredentialError, ProviderRefusalError, ProviderContractError */
  countSubscribers(signal: AbortSignal): Promise<ListCounts>;
  /**
   * Reads every address of the list, subscribed or not. A page may repeat or omit rows when the list changes
   * meanwhile: the caller has to prove that the list was read whole.
   *
   * @throws as countSubscribers
   */
  readPages(options: ReadOptions): AsyncIterable<SubscriberPage>;
}

/** The same, as it is read and written. */
export interface Provider extends ReadableList {
  /** The most changes a batch may have. */
  readonly maxBatchRows: number;
  /**
   * Finds addresses, in their canonical form, without reading the list. Left out by a provider that has no quick way.
   *
   * @returns undefined when reading the list is better: they are too many, or a search gave only part of what it found
   * @throws as countSubscribers
   */
  findSubscribers?(
    addresses: readonly string[],
    options: Omit<ReadOptions, "expected">,
  ): Promise<FoundSubscribers | undefined>;
  /**
   * Applies the changes of one batch; sent again, they change nothing more. A known address keeps its status unless the
   * change is of it. A resubscription is sent only while the address is still what the plan saw and not found subscribed in
   * another spelling, and a new address only while the list has it neither in another spelling nor unsubscribed.
   *
   * @throws BatchRefusedError when the provider refuses the batch as a whole, which applies none of it;
   *   ProviderUnavailableError, which says whether the changes may be why; and as countSubscribers
   */
  writeBatch(changes: readonly Change[], options: WriteOptions): Promise<BatchAnswer>;
}
