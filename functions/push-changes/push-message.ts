import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import { canonicalEmail, invisibleCharacterIn, isDeliverable } from "../domain/email.ts";
import { type DesiredSubscriber, type Fields, sentCauseSchema } from "../domain/subscriber.ts";
import { describeIssue, tellKnownFields } from "../platform/describe-issue.ts";

/** A consent from further ahead than two clocks may differ is none. */
const clockSkewMs = 5 * 60_000;
/** No website is so old: an earlier time is a zero that stands for none. */
const earliest = Date.UTC(1990, 0);
const longestAddress = 254;
const longestProblem = 500;

const address = { list: listNameSchema, email: z.string().min(3).max(longestAddress) };
const instant = z.iso.datetime({ offset: true, error: "expected a time with its offset, in ISO 8601" });

/** A reader subscribed at the website, or changed what the website knows of them. Other fields are `data_*`. */
const subscribedSchema = z
  .object({
    ...address,
    subscribed: z.literal(true),
    /** When the reader consented. */
    consented_at: instant,
    guid: z.string().min(1).optional(),
  })
  .catchall(z.string());

/** A reader left at the website, or the publisher removed them. */
const unsubscribedSchema = z.strictObject({
  ...address,
  subscribed: z.literal(false),
  /** Never guessed: the provider would take what is missing for the reader's own word. */
  unsubscribed_cause: sentCauseSchema,
  /** When that was. */
  at: instant,
});

/** A reader filled in a form, and is to be asked by mail whether they meant it. Other fields are `data_*`. */
const optInSchema = z
  .object({ ...address, optIn: z.literal(true), guid: z.string().min(1).optional() })
  .catchall(z.string());

/** The names of the fields that follow the website beside those of the schema. */
export const otherFields = /^data_\w+$/;

/** What a website sends. */
export const pushMessageSchema = z.union([subscribedSchema, unsubscribedSchema, optInSchema]);

const noKindSchema = z.never('expected an object with "subscribed": true or false, or with "optIn": true');

/** What the website wants of one reader. */
export interface PushedChange {
  readonly kind: "change";
  readonly list: string;
  readonly canonical: string;
  readonly desired: DesiredSubscriber;
  /**
   * The time of the reader's word, in ms since the epoch: what the reader said later, elsewhere, outweighs it. Of an opt-out
   * whose time cannot be, that is now; of a subscription, 0.
   */
  readonly saidAt: number;
}

/** A reader who is to be asked by mail. */
export interface PushedOptIn {
  readonly kind: "optIn";
  readonly list: string;
  readonly canonical: string;
  readonly email: string;
  readonly fields: Fields;
}

export type PushedMessage = PushedChange | PushedOptIn;

/**
 * Reads the body of a message.
 *
 * @param now in ms since the epoch
 * @returns why it can never be right, in words that may be shown to whoever reads the quarantine
 */
export function parseMessage(body: string, now: number): PushedMessage | { readonly problem: string } {
  const json = parseJson(body);
  const { data: message, error } = schemaOf(json).safeParse(json, tellKnownFields);
  if (error !== undefined) {
    const problem = error.issues.map(describeIssue).join("; ").slice(0, longestProblem);
    return { problem };
  }
  const problem = problemOf(message);
  if (problem !== undefined) return { problem };
  const { list } = message;
  const email = message.email.trim();
  const canonical = canonicalEmail(email);
  if ("optIn" in message) {
    // The provider's form knows no guid.
    const { guid: _, ...fields } = fieldsOf(message);
    return { kind: "optIn", list, canonical, email, fields };
  }
  if (!message.subscribed) {
    const desired = { email, subscribed: false, cause: message.unsubscribed_cause, fields: {} };
    const at = Date.parse(message.at);
    return { kind: "change", list, canonical, desired, saidAt: at < earliest ? now : Math.min(at, now) };
  }
  const consentedAt = Date.parse(message.consented_at);
  const isBelievable = consentedAt >= earliest && consentedAt <= now + clockSkewMs;
  const desired = {
    email,
    subscribed: true,
    ...(isBelievable && { consentedAt }),
    fields: fieldsOf(message),
  };
  return { kind: "change", list, canonical, desired, saidAt: isBelievable ? Math.min(consentedAt, now) : 0 };
}

/** That of the kind which a message means to be: so what is wrong with it can be named. */
function schemaOf(message: unknown): z.ZodType<z.infer<typeof pushMessageSchema>> {
  if (typeof message !== "object" || message === null) return noKindSchema;
  if ("optIn" in message) return optInSchema;
  if (!("subscribed" in message) || typeof message.subscribed !== "boolean") return noKindSchema;
  return message.subscribed ? subscribedSchema : unsubscribedSchema;
}

/** The list that a body names, whether or not the rest of it is right; undefined if it names none. */
export function listNamedIn(body: string): string | undefined {
  return z.object({ list: listNameSchema }).safeParse(parseJson(body)).data?.list;
}

function problemOf(message: z.infer<typeof pushMessageSchema>): string | undefined {
  // Whoever leaves may have an address that a provider once took.
  if (!("optIn" in message || message.subscribed)) return undefined;
  const { email } = message;
  const invisible = invisibleCharacterIn(email);
  if (invisible !== undefined) return `its address holds the invisible character ${invisible}`;
  if (!isDeliverable(canonicalEmail(email))) return "no provider takes its address";
  const { shape } = "optIn" in message ? optInSchema : subscribedSchema;
  const unknown = Object.keys(message).filter(
    (name) => !(Object.hasOwn(shape, name) || otherFields.test(name)),
  );
  return unknown.length === 0
    ? undefined
    : `${unknown.join(", ")}: neither a documented field nor a data_ one`;
}

function fieldsOf(message: Readonly<Record<string, unknown>>): Fields {
  const names = Object.keys(message).filter((name) => name === "guid" || name.startsWith("data_"));
  return Object.fromEntries(names.map((name) => [name, String(message[name])]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
