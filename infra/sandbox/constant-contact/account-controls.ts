import * as z from "zod";
import { type Answer, jsonAnswer, sandboxError } from "../answer.ts";
import { type Control, done } from "../control.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { activityPlansSchema } from "./activity.ts";
import { contactSeedSchema } from "./contact.ts";
import { People } from "./people.ts";

type ControlAnswer = (call: RoutedCall, account: Account) => Answer;

const readerSchema = z.strictObject({ email: z.string(), list_id: z.string().optional() });

/** Controls that show and change an account as people do, plan its activities, and end its tokens. */
export function accountControls(account: Account): Control[] {
  const control = (method: Control["method"], name: string, answer: ControlAnswer): Control => ({
    method,
    template: `/sandbox/${name}`,
    answer: (call) => answer(call, account),
  });
  return [
    control("GET", "contacts", showContacts),
    control("POST", "contacts", addContacts),
    control("POST", "opt-outs", optOut),
    control("GET", "activities", showActivities),
    control("POST", "activities", planActivities),
    control("DELETE", "tokens", expireTokens),
    control("DELETE", "consent", revokeConsent),
  ];
}

function showContacts(_call: RoutedCall, account: Account): Answer {
  account.settle();
  return jsonAnswer([...account.contacts.values()]);
}

function addContacts({ body }: RoutedCall, account: Account): Answer {
  const { error } = z.array(contactSeedSchema).safeParse(body);
  if (error) return sandboxError(400, z.prettifyError(error));
  new People(account).add(...(body as z.input<typeof contactSeedSchema>[]));
  return done;
}

/** Of one list if it is named, else of everything. */
function optOut({ body }: RoutedCall, account: Account): Answer {
  const { data, error } = readerSchema.safeParse(body);
  if (error) return sandboxError(400, z.prettifyError(error));
  if (!account.contacts.find(data.email)) return sandboxError(404, "the sandbox has no such contact");
  const people = new People(account);
  if (data.list_id === undefined) people.optOut(data.email);
  else people.leave(data.email, data.list_id);
  return done;
}

function showActivities(_call: RoutedCall, account: Account): Answer {
  account.settle();
  return jsonAnswer(account.activities.values(account.now()));
}

function planActivities({ body }: RoutedCall, { activities }: Account): Answer {
  const { data, error } = activityPlansSchema.safeParse(body);
  if (error) return sandboxError(400, z.prettifyError(error));
  activities.plans.push(...data);
  return done;
}

function expireTokens(_call: RoutedCall, { tokens }: Account): Answer {
  tokens.expireAccessTokens();
  return done;
}

function revokeConsent(_call: RoutedCall, { tokens }: Account): Answer {
  tokens.revokeAll();
  return done;
}
