import * as z from "zod";
import { type Contact, canonicalAddress, statusOf } from "./contact.ts";
import type { Query } from "./contact-search.ts";
import type { Parameters } from "./cursor.ts";
import type { Dialect } from "./dialect.ts";
import { flag, instant, limitUpTo, listOf } from "./parameters.ts";

const statuses = [
  "all",
  "active",
  "deleted",
  "not_set",
  "pending_confirmation",
  "temp_hold",
  "unsubscribed",
] as const;
export const subResources = [
  "custom_fields",
  "list_memberships",
  "phone_numbers",
  "street_addresses",
  "taggings",
  "notes",
] as const;

export const includeSchema = listOf(z.enum(subResources), subResources.length).default([]);

/** What the documentation of GET /contacts names, but for segments and messages to telephones. */
export const contactQuerySchema = z.object({
  status: listOf(z.enum(statuses), statuses.length).optional(),
  email: z.string().optional(),
  lists: listOf(z.string(), 25).optional(),
  tags: listOf(z.string(), 50).optional(),
  updated_after: instant.optional(),
  updated_before: instant.optional(),
  created_after: instant.optional(),
  created_before: instant.optional(),
  optout_after: instant.optional(),
  optout_before: instant.optional(),
  include: includeSchema,
  include_count: flag.default(false),
  limit: limitUpTo(500),
});

export type ContactQuery = z.infer<typeof contactQuerySchema>;

interface Window {
  readonly time: (contact: Contact) => string | undefined;
  readonly after: number | undefined;
  readonly before: number | undefined;
}

/** All conditions hold for a contact that matches. */
export function contactQuery(asked: ContactQuery, parameters: Parameters, dialect: Dialect): Query {
  const { status, email, lists, tags } = asked;
  const windows = windowsOf(asked, dialect);
  const isAsked = statusMatcher(status, dialect);
  const key = new URLSearchParams({ ...parameters, limit: "", include: "", include_count: "" }).toString();
  return {
    key,
    matches: (contact) =>
      isAsked(contact) &&
      (email === undefined || canonicalAddress(contact.email ?? "") === canonicalAddress(email)) &&
      (lists === undefined || lists.some((id) => contact.list_memberships.includes(id))) &&
      (tags === undefined || tags.some((id) => contact.taggings.includes(id))) &&
      windows.every((window) => isWithin(window, contact, dialect)),
  };
}

function statusMatcher(
  status: ContactQuery["status"],
  { defaultStatuses }: Dialect,
): (contact: Contact) => boolean {
  if (status?.includes("all")) return () => true;
  if (status) return (contact) => status.some((wanted) => wanted === statusOf(contact));
  if (defaultStatuses === "active") return (contact) => statusOf(contact) === "active";
  return (contact) => contact.deleted_at === undefined;
}

function windowsOf(asked: ContactQuery, { optOutWindow }: Dialect): Window[] {
  const windows = [
    {
      time: (contact: Contact) => contact.updated_at,
      after: asked.updated_after,
      before: asked.updated_before,
    },
    {
      time: (contact: Contact) => contact.created_at,
      after: asked.created_after,
      before: asked.created_before,
    },
    optOutWindow === "never"
      ? undefined
      : { time: optOutTime(asked, optOutWindow), after: asked.optout_after, before: asked.optout_before },
  ];
  return windows
    .filter((window) => window !== undefined)
    .filter(({ after, before }) => (after ?? before) !== undefined);
}

function optOutTime({ status }: ContactQuery, window: Dialect["optOutWindow"]): Window["time"] {
  const isAsked = window === "with any status" || (status?.length === 1 && status[0] === "unsubscribed");
  return ({ opt_out_date }) => (isAsked ? opt_out_date : undefined);
}

function isWithin({ time, after, before }: Window, contact: Contact, { bounds }: Dialect): boolean {
  const text = time(contact);
  if (text === undefined) return false;
  const at = Date.parse(text);
  const isLate = after === undefined || at > after;
  const isEarly = before === undefined || at < before;
  return (isLate && isEarly) || (bounds === "inclusive" && (at === after || at === before));
}
