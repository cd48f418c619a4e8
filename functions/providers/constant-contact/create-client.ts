import { ConfigurationError } from "../../domain/errors.ts";
import { readJson } from "../../platform/http/http-json.ts";
import { createActivityCalls } from "./activity-calls.ts";
import { type ContactList, listSchema } from "./answers.ts";
import type { ConstantContactClient } from "./client.ts";
import { readContacts, readCustomFields } from "./collections.ts";
import { refusalOf } from "./refusal.ts";
import type { Session } from "./session.ts";

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
