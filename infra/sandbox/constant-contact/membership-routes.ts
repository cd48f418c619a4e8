import * as z from "zod";
import type { Answer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { Work, WorkResult } from "./activity.ts";
import { startedAnswer } from "./activity-routes.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { type Contact, statusOf } from "./contact.ts";
import { join, leave, revive } from "./contact-changes.ts";
import { errorAnswer } from "./error-answer.ts";
import { describeError } from "./parameters.ts";

const ids = (max: number) => z.array(z.uuid()).min(1).max(max);

/** One of the sources, of which they exclude each other. */
const sourceSchema = z.union([
  z.strictObject({ contact_ids: ids(500) }),
  z.strictObject({ list_ids: ids(50) }),
  z.strictObject({ all_active_contacts: z.literal(true) }),
  z.strictObject({ tag_ids: ids(50) }),
]);

const bodySchema = z.object({
  source: sourceSchema,
  exclude: z.object({ contact_ids: z.array(z.uuid()) }).optional(),
  list_ids: ids(50),
});

type Memberships = z.infer<typeof bodySchema>;

export const membershipRoutes: ConstantContactRoute[] = (["add", "remove"] as const).map((act) => ({
  method: "POST",
  template: `/activities/${act}_list_memberships`,
  answer: (call: RoutedCall, account: Account) => changeMemberships(act, call, account),
}));

function changeMemberships(act: "add" | "remove", { body }: RoutedCall, account: Account): Answer {
  const { data, error } = bodySchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const unknown = data.list_ids.find((id) => !account.lists.alive(id));
  if (unknown !== undefined) return errorAnswer(400, "list_ids does not have a valid value");
  return startedAnswer(account, membershipWork(act, data, account));
}

function membershipWork(act: "add" | "remove", asked: Memberships, account: Account): Work {
  const { contacts, options } = account;
  const isLeftOut = (contact: Contact) =>
    act === "add" && options.addingLeavesOutOptedOut && contact.permission_to_send === "unsubscribed";
  const items = sourceOf(asked, account);
  return {
    kind: `${act}_list_memberships`,
    items: items.length,
    run: (count, at) => {
      const change = account.change("Account", at);
      for (const id of items.slice(0, count)) {
        const contact = contacts.get(id)!;
        if (isLeftOut(contact)) continue;
        const alive = act === "add" ? revive(contact, change) : contact;
        contacts.put((act === "add" ? join : leave)(alive, asked.list_ids, change), at);
      }
      return resultOf(items.length, count, asked.list_ids.length);
    },
  };
}

function resultOf(total: number, completed: number, lists: number): WorkResult {
  if (total === 0) return { status: { items_total_count: 0 }, errors: [] };
  return {
    status: { items_total_count: total, items_completed_count: completed, list_count: lists },
    errors: [],
  };
}

/** The contacts that there are among those that the source names, as they are when the activity is accepted. */
function sourceOf({ source, exclude }: Memberships, { contacts }: Account): string[] {
  if ("contact_ids" in source) return source.contact_ids.filter((id) => contacts.get(id) !== undefined);
  const excluded = new Set(exclude?.contact_ids);
  const isMeant = (contact: Contact): boolean => {
    if ("list_ids" in source) return source.list_ids.some((id) => contact.list_memberships.includes(id));
    if ("tag_ids" in source) return source.tag_ids.some((id) => contact.taggings.includes(id));
    return statusOf(contact) === "active";
  };
  return [...contacts.values()]
    .filter((contact) => isMeant(contact) && !excluded.has(contact.contact_id))
    .map(({ contact_id }) => contact_id);
}
