import type { ActivityCalls } from "./activity-calls.ts";
import type { ContactList } from "./answers.ts";
import type { Contact } from "./contact.ts";

/** Which contacts to read. Several conditions hold together; without any, these are all contacts, deleted ones too. */
export interface ContactQuery {
  /** @default "all" */
  readonly status?: "all" | "active" | "deleted" | "unsubscribed";
  /** One exact address. */
  readonly email?: string;
  /** Members of any of these lists, at most 25. */
  readonly lists?: readonly string[];
  /** By the clock of the contact's fields, in ms since the epoch. */
  readonly updatedAfter?: number;
  /**
   * By the clock of opt-outs from everything, in ms since the epoch. Whether that works with another status than
   * "unsubscribed" is not documented, so that is the default then.
   */
  readonly optedOutAfter?: number;
  /** Whether the first page counts what matches. @default false */
  readonly isCounted?: boolean;
}

/** Up to 500 contacts. A page may repeat or omit some when the account changes while it is read. */
export interface ContactPage {
  readonly contacts: readonly Contact[];
  /** How many match the query in all; on the first page, if it was asked for. */
  readonly count?: number | undefined;
  /** The server's time when it answered, in ms since the epoch. */
  readonly answeredAt?: number | undefined;
}

/**
 * The calls that read and write an account: never a permission, a deletion, a sign-up or a replaced contact. Each throws
 * ProviderUnavailableError, QuotaExceededError, CredentialError, ProviderRefusalError or ProviderContractError when it
 * fails.
 */
export interface ConstantContactClient extends ActivityCalls {
  /** Reads contacts with their lists and fields, page by page. */
  contacts(query: ContactQuery, signal: AbortSignal): AsyncIterable<ContactPage>;
  /** @throws ProviderRefusalError when the account has no such list; ConfigurationError when it is deleted */
  list(listId: string, signal: AbortSignal): Promise<ContactList>;
  /** The account's custom fields: their names by their ids. Read once. */
  customFields(signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Sends the one mail, in a contact's life, that asks whether to subscribe again. */
  askAgain(contactId: string, listIds: readonly string[], signal: AbortSignal): Promise<void>;
}
