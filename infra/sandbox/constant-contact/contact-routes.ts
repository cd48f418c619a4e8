import * as z from "zod";
import { type Answer, jsonAnswer, sandboxError } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { type PageRequest, pageAnswer, readPageRequest } from "./collection.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { statusOf } from "./contact.ts";
import { showContact } from "./contact-answer.ts";
import { type ContactQuery, contactQuery, contactQuerySchema, includeSchema } from "./contact-query.ts";
import type { Query } from "./contact-search.ts";
import { errorAnswer } from "./error-answer.ts";
import { describeError } from "./parameters.ts";

/** Documented parameters that no client of ours needs. */
const unsupported = ["segment_id", "sms_status"];

export const contactRoutes: ConstantContactRoute[] = [
  { method: "GET", template: "/contacts", answer: showPage },
  { method: "GET", template: "/contacts/counts", answer: (_call, account) => showCounts(account) },
  { method: "GET", template: "/contacts/CONTACT_ID", answer: showOne },
];

function showPage(call: RoutedCall, account: Account): Answer {
  const request = readPageRequest(call, account);
  if ("status" in request) return request;
  const { parameters } = request;
  const missing = unsupported.find((name) => name in parameters);
  if (missing !== undefined) return sandboxError(501, `The sandbox does not have ${missing}`);
  const isStrict = account.options.unknownParameters === "refused";
  const schema = isStrict ? contactQuerySchema.strict() : contactQuerySchema;
  const { data: asked, error } = schema.safeParse(parameters);
  if (error) return errorAnswer(400, describeError(error));
  const query = contactQuery(asked, parameters, account.options);
  return answerPage({ asked, query, request }, account);
}

interface AskedPage {
  readonly asked: ContactQuery;
  readonly query: Query;
  readonly request: PageRequest;
}

function answerPage({ asked, query, request }: AskedPage, account: Account): Answer {
  const { limit, include, include_count } = asked;
  const { search } = account.contacts;
  const { parameters, next, shift } = request;
  const isByContact = account.options.cursors === "contact";
  const number = isByContact ? 1 : Number(next ?? 1);
  const start = isByContact && next !== undefined ? search.placeAfter(query, next) : (number - 1) * limit;
  const offset = Math.max(start + shift, 0);
  const contacts = search.page(query, { offset, limit });
  const count = search.count(query);
  const hasNext = offset + contacts.length < count;
  const nextPlace = isByContact ? contacts.at(-1)?.contact_id : String(number + 1);
  const page = {
    contacts: contacts.map((contact) => showContact(contact, include, account)),
    ...(include_count && next === undefined && { contacts_count: count }),
  };
  return pageAnswer(page, { path: "/contacts", parameters, next: hasNext ? nextPlace : undefined }, account);
}

function showOne({ query, values }: RoutedCall, account: Account): Answer {
  const { data, error } = z.object({ include: includeSchema }).safeParse(query);
  if (error) return errorAnswer(400, describeError(error));
  const contact = account.contacts.get(values["CONTACT_ID"]!);
  if (!contact) return errorAnswer(404, "contact_id is in an invalid format.");
  return jsonAnswer(showContact(contact, data.include, account));
}

/** Deleted contacts are not counted. */
function showCounts({ contacts }: Account): Answer {
  const counts = { total: 0, explicit: 0, implicit: 0, pending: 0, unsubscribed: 0 };
  for (const contact of contacts.values()) {
    if (statusOf(contact) === "deleted") continue;
    counts.total++;
    const permission = contact.permission_to_send;
    if (permission === "pending_confirmation") counts.pending++;
    else if (permission && permission in counts) counts[permission as "explicit"]++;
  }
  return jsonAnswer(counts);
}
