import type { Activity, ContactList } from "./answers.ts";
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
  /** By the clock of opt-outs from everything, in ms since the epoch. */
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

/** A contact of an import: `email`, `first_name` and so on, and `cf:NAME`. Fields that it does not name stay as they are. */
export interface ImportRow {
  readonly email: string;
  readonly [field: string]: string;
}

/**
 * The calls that read and write an account: never a permission, a deletion, a sign-up or a replaced contact. Each throws
 * ProviderUnavailableError, QuotaExceededError, CredentialError, ProviderRefusalError or ProviderContractError when it
 * fails.
 *
 * A call that starts an activity is repeated only while it was certainly not accepted. If it throws a
 * ProviderUnavailableError or a ProviderContractError, the activity may have been accepted: `activities` tells.
 */
export interface ConstantContactClient {
  /** Reads contacts with their lists and fields, page by page. */
  contacts(query: ContactQuery, signal: AbortSignal): AsyncIterable<ContactPage>;
  /** @throws ProviderRefusalError, too, when the account has no such list */
  list(listId: string, signal: AbortSignal): Promise<ContactList>;
  /** The account's custom fields: their names by their ids. Read once. */
  customFields(signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * Adds and changes contacts, of which the provider drops whatever is beyond 4 MB or 40,000 rows without a word.
   *
   * @param rows makes them before each attempt; what it throws is thrown
   */
  importJson(
    rows: () => Promise<readonly ImportRow[]>,
    listIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Activity>;
  /** The same with a CSV in UTF-8, in whose 40,000 rows its header counts. */
  importCsv(
    csv: () => Promise<Uint8Array>,
    listIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Activity>;
  /** @param contactIds at most 500 */
  removeMemberships(
    contactIds: readonly string[],
    listIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Activity>;
  /** Undefined when the provider does not know it, as ten days later. */
  activity(activityId: string, signal: AbortSignal): Promise<Activity | undefined>;
  /** The newest activities, newest first. @param limit at most 500 */
  activities(limit: number, signal: AbortSignal): Promise<readonly Activity[]>;
  /** Sends the one mail, in a contact's life, that asks whether to subscribe again. */
  askAgain(contactId: string, listIds: readonly string[], signal: AbortSignal): Promise<void>;
}
