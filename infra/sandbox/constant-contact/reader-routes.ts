import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";
import { statusOf } from "./contact.ts";
import { errorAnswer } from "./error-answer.ts";
import { describeError } from "./parameters.ts";
import { People } from "./people.ts";

const listIds = z.array(z.uuid()).min(1).max(50);
const confirmationSchema = z.object({ list_ids: listIds });
const signUpSchema = z.object({ email_address: z.email().max(50), list_memberships: listIds });

/** Calls about what a reader has just said, or is asked. */
export const readerRoutes: ConstantContactRoute[] = [
  { method: "PUT", template: "/contacts/resubscribe/CONTACT_ID", answer: askAgain },
  { method: "POST", template: "/contacts/sign_up_form", answer: signUp },
];

/** Sends a contact who opted out one mail, ever: only an answer to it changes anything. */
function askAgain({ body, values }: RoutedCall, { contacts, confirmations, options }: Account): Answer {
  const { data, error } = confirmationSchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const contact = contacts.get(values["CONTACT_ID"]!);
  if (!contact) return errorAnswer(404, "contact_id not found");
  if (statusOf(contact) !== "unsubscribed") return errorAnswer(400, "The contact has not opted out");
  const isAsked = confirmations.has(contact.contact_id);
  if (isAsked && options.refusesSecondConfirmation) return errorAnswer(409, "The contact was asked before");
  if (!isAsked) confirmations.set(contact.contact_id, { listIds: data.list_ids, isAnswered: false });
  return jsonAnswer({ contact_id: contact.contact_id });
}

/** Resubscribes and revives whoever it is: only a reader's own fresh consent makes this legal. */
function signUp({ body }: RoutedCall, account: Account): Answer {
  const { data, error } = signUpSchema.safeParse(body);
  if (error) return errorAnswer(400, describeError(error));
  const { email_address: email, list_memberships } = data;
  if (list_memberships.some((id) => !account.lists.alive(id))) return errorAnswer(404, "list_id not found");
  const action = account.contacts.find(email) ? "updated" : "created";
  const people = new People(account);
  for (const listId of list_memberships) people.signUp(email, listId);
  const { contact_id } = account.contacts.find(email)!;
  return jsonAnswer({ contact_id, action }, action === "created" ? 201 : 200);
}
