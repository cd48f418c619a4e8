import { ConfigurationError } from "../../domain/errors.ts";
import { readJson } from "../../platform/http/http-json.ts";
import { type ActivityCalls, createActivityCalls } from "./activity-calls.ts";
import { type ContactList, listSchema } from "./answers.ts";
import { readContacts, readCustomFields } from "./collections.ts";
import type { Contact } from "./contact.ts";
import { refusalOf } from "./refusal.ts";
import type { Session } from "./session.ts";

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

export function createConstantContactClient(session: Session): ConstantContactClient {
  let names: Promise<ReadonlyMap<string, string>> | undefined;
  const customFields = (signal: AbortSignal) => {
    names ??= readCustomFields(session, signal).catch((error: unknown) => {
      names = undefined;
      throw error;
    });
    return names;
  };
  return {
    ...createActivityCalls(session),
    customFields,
    contacts: async function* (query, signal) {
      yield* readContacts(session, query, { customFields: await customFields(signal), signal });
    },
    list: (listId, signal) => readList(session, listId, signal),
    askAgain: (contactId, listIds, signal) =>
      session.call({
        method: "PUT",
        template: "/contacts/resubscribe/{contact}",
        url: session.url(`/contacts/resubscribe/${encodeURIComponent(contactId)}`),
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ list_ids: listIds }),
        signal,
        read: async ({ body }) => void body.resume(),
      }),
  };
}

async function readList(session: Session, listId: string, signal: AbortSignal): Promise<ContactList> {
  const list = await session.call({
    method: "GET",
    template: "/contact_lists/{list}",
    url: session.url(`/contact_lists/${listId}`, { include_membership_count: "all" }),
    signal,
    read: (response) => readJson(response, listSchema),
    refused: (endpoint, answer) => refusalOf(endpoint, { ...answer, listId }),
  });
  if (list.isDeleted) throw new ConfigurationError(`the list ${listId}`, "it is deleted at the provider");
  return list;
}
