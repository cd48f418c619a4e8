import type { RequestCounts } from "../platform/http/http.ts";
import type { StreamedBody } from "../platform/http/http-stream.ts";
import type { EventName } from "./event-columns.ts";

/** One event's file of one day. */
export interface EventFile {
  readonly event: EventName;
  /** YYYY-MM-DD */
  readonly date: string;
}

/** An event file's CSV; or that the provider has no such file, or that the account does not include events. */
export type OpenedEventFile =
  | ({ readonly outcome: "found" } & StreamedBody)
  | { readonly outcome: "absent" }
  | { readonly outcome: "notIncluded" };

/** The files in which a provider keeps what readers did. */
export interface EventFiles {
  /** Names the call that opens a file, in messages and in the metadata of what is archived. */
  readonly endpoint: string;
  /** Requests since the files were opened. */
  readonly requests: RequestCounts;
  /**
   * Opens a file. Opening is retried; a body that breaks midway is not.
   *
   * @throws ProviderUnavailableError, CredentialError, ProviderRefusalError, ProviderContractError
   */
  openEvents(file: EventFile, signal: AbortSignal): Promise<OpenedEventFile>;
}
