import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { showActivity, startActivity } from "./activity-routes.ts";
import { pageAnswer, pageOf, readPageRequest } from "./collection.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { statusOf } from "./contact.ts";
import { showTimes } from "./contact-answer.ts";
import { leave } from "./contact-changes.ts";
import type { ContactList } from "./contact-lists.ts";
import { errorAnswer } from "./error-answer.ts";
import { describeError, flag, limitUpTo } from "./parameters.ts";
import { wholeSecond } from "./whole-second.ts";

const countedSchema = z.enum(["all", "active"]).optional();
const listBodySchema = z.object({
  name: z.string().min(1).max(255),
  favorite: z.boolean().optional(),
  description: z.string().optional(),
});

type Counted = z.infer<typeof countedSchema>;

export const listRoutes: ConstantContactRoute[] = [
  { method: "GET", template: "/contact_lists", answer: showPage },
  { method: "POST", template: "/contact_lists", answer: addList },
  { method: "GET", template: "/contact_lists/LIST_ID", answer: showOne },
  { method: "PUT", template: "/contact_lists/LIST_ID", answer: replaceList },
  { method: "DELETE", template: "/contact_lists/LIST_ID", answer: deleteList },
];

function showPage(call: RoutedCall, account: Account): Answer {
  const request = readPageRequest(call, account);
  if ("status" in request) return request;
  const querySchema = z.object({
    limit: limitUpTo(account.options.maxListLimit),
    include_count: flag.default(false),
    include_membership_count: countedSchema,
    name: z.string().optional(),
    status: z.enum(["all", "active", "deleted"]).default("active"),
  });
  const isStrict = account.options.unknownParameters === "refused";
  const { data: asked, error } = (isStrict ? querySchema.strict() : querySchema).safeParse(
    request.parameters,
  );
  if (error) return errorAnswer(400, describeError(error));
  const { status, name, limit } = asked;
  const lists = account.lists
    .values()
    .filter(({ deleted_at }) => status === "all" || (deleted_at === undefined) === (status === "active"))
    .filter((list) => name === undefined || list.name === name);
  const { shown, next } = pageOf(lists, request, limit);
  const page = {
    lists: showLists(shown, asked.include_membership_count, account),
    ...(asked.include_count && request.next === undefined && { lists_count: lists.length }),
  };
  return pageAnswer(page, { path: "/contact_lists", parameters: request.parameters, next }, account);
}

function showOne({ values, query }: RoutedCall, account: Account): Answer {
  const { data: counted, error } = countedSchema.safeParse(query["include_membership_count"]);
  if (error) return errorAnswer(400, "include_membership_count does not have a valid value");
  const list = account.lists.alive(values["LIST_ID"]!);
  return list ? jsonAnswer(showLists([list], counted, account)[0]) : errorAnswer(404, "list_id not found");
}

function addList({ body }: RoutedCall, { lists, options }: Account): Answer {
  const { data, error } = listBodySchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  if (lists.named(data.name)) return errorAnswer(409, "The name of a list is unique");
  const { name, favorite = false, description } = data;
  const at = wholeSecond(options.now());
  const added = lists.put({ name, favorite, ...(description !== undefined && { description }) }, at);
  return jsonAnswer(added, 201);
}

function replaceList({ body, values }: RoutedCall, { lists, options }: Account): Answer {
  const { data, error } = listBodySchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const list = lists.alive(values["LIST_ID"]!);
  if (!list) return errorAnswer(404, "list_id not found");
  const holder = lists.named(data.name);
  if (holder && holder !== list) return errorAnswer(409, "The name of a list is unique");
  const { name, favorite = false, description } = data;
  const { description: _before, ...kept } = list;
  const replaced = { ...kept, name, favorite, ...(description !== undefined && { description }) };
  const isChanged =
    JSON.stringify(Object.entries(replaced).sort()) !== JSON.stringify(Object.entries(list).sort());
  const at = wholeSecond(options.now());
  return jsonAnswer(isChanged ? lists.put({ ...replaced, updated_at: at }, at) : list);
}

/** A list is deleted by an activity; its members stay contacts. The link in the answer leads nowhere. */
function deleteList({ values }: RoutedCall, account: Account): Answer {
  const list = account.lists.alive(values["LIST_ID"]!);
  if (!list) return errorAnswer(404, "list_id not found");
  const started = startActivity(account, {
    kind: "list_delete",
    items: 1,
    run: (count, at) => {
      if (count > 0) dropList(list, account, at);
      return { status: { items_total_count: 1, items_completed_count: count }, errors: [] };
    },
  });
  if ("status" in started) return started;
  const href = `/contacts-service/v4/accounts/1/activities/${started.id}`;
  return jsonAnswer({ ...showActivity(started, account.options), _links: { self: { href } } }, 202);
}

function dropList(list: ContactList, account: Account, at: Date): void {
  account.lists.put({ ...list, deleted_at: wholeSecond(at) }, wholeSecond(at));
  const change = account.change("Account", at);
  for (const contact of account.contacts.values()) {
    const { list_memberships } = contact;
    if (list_memberships.includes(list.list_id)) {
      account.contacts.put(leave(contact, [list.list_id], change), at);
    }
  }
}

function showLists(
  lists: readonly ContactList[],
  counted: Counted,
  { contacts, options }: Account,
): object[] {
  const counts = new Map<string, number>();
  if (counted) {
    for (const contact of contacts.values()) {
      if (counted === "active" && statusOf(contact) !== "active") continue;
      for (const id of contact.list_memberships) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return lists.map((list) => {
    const count = { membership_count: counts.get(list.list_id) ?? 0 };
    return showTimes({ ...list, ...(counted && count) }, options);
  });
}
