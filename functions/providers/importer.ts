import type { ListCounts } from "./provider.ts";

/** What a provider says of a file that it was given to import. */
export interface ImportAnswer {
  readonly id: string | number;
  readonly status: string;
  /** How many bytes it fetched; absent when it does not say. */
  readonly bytes?: number;
}

/** One list at a provider that imports files. Every call retries what is worth retrying before it throws. */
export interface Importer {
  /** Requests made since the importer was built, and those of them that repeated an earlier one. */
  readonly requests: { readonly sent: number; readonly retried: number };
  /** @throws ProviderUnavailableError, CredentialError, ProviderRefusalError, ProviderContractError */
  countSubscribers(signal: AbortSignal): Promise<ListCounts>;
  /**
   * Has the provider fetch a CSV and import it, which goes on after the answer; nothing tells how it ends.
   * Imported twice it changes no more.
   *
   * @param url reachable by the provider, for as long as its import may wait
   * @throws as above
   */
  importFile(url: string, signal: AbortSignal): Promise<ImportAnswer>;
}
