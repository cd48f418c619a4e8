import * as z from "zod";
import { type Answer, jsonAnswer } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { errorAnswer } from "./error-answer.ts";
import type { OwnpageRoute } from "./ownpage-route.ts";
import { SubscriberWrite } from "./subscriber-write.ts";

const optInSchema = z.looseObject({
  form_key: z.string(),
  email: z.string(),
  update: z.boolean().optional(),
});

/** The double opt-in, which a publisher's form calls without a client token. */
export const optInRoute: OwnpageRoute = {
  method: "POST",
  template: "/subscribe/TRACKING_KEY",
  isOpen: true,
  answer: receiveOptIn,
};

function receiveOptIn({ body, values, ip }: RoutedCall, { optIns, lists, options }: Account): Answer {
  if (!optIns.admits(ip)) return errorAnswer(429, "Too many requests");
  const { trackingKey, formKey, listId } = optIns.form;
  const { data } = optInSchema.safeParse(body);
  const isKnownForm = values["TRACKING_KEY"] === trackingKey && data?.form_key === formKey;
  if (!isKnownForm || !options.acceptsEmail(data.email)) return errorAnswer(400, "Invalid request");
  const { form_key: _formKey, update, ...row } = data;
  const list = lists.get(listId);
  if (!update || !list?.get(row.email)) {
    optIns.pending.push(row);
    return jsonAnswer({ success: "A confirmation e-mail was sent" });
  }
  new SubscriberWrite(list, options).apply({ ...row, subscribed: undefined });
  return jsonAnswer({ success: "The reader's data were updated" });
}
