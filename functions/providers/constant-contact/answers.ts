import * as z from "zod";
import { parseInstant } from "../../platform/parse-instant.ts";
import { tokenTextSchema } from "./constant-contact-configuration.ts";
import { permissions } from "./contact.ts";

// An answer may hold more than is documented: unknown fields are ignored.

/** Any time in ISO 8601, or a date; in ms since the epoch. */
const time = z.string().transform((text, { addIssue }) => {
  const at = parseInstant(text, "UTC");
  if (at !== undefined) return at;
  addIssue("expected a time");
  return z.NEVER;
});
const optionalTime = time.optional().catch(undefined);
const text = z.string().optional().catch(undefined);
/** Who did something to a contact: the person, or somebody of the account. */
const source = z.enum(["Contact", "Account"]).optional().catch(undefined);
const count = z.int().nonnegative().optional().catch(undefined);

/** What follows a page; the last one has no links, or empty ones. */
const next = z.object({ next: z.object({ href: text }).optional().catch(undefined) }).catch({});

/** Nothing but the access token is insisted on: an answer that is refused takes the next refresh token with it. */
export const tokenSchema = z.object({
  access_token: tokenTextSchema,
  /** In seconds, as a number or a text. */
  expires_in: z.coerce.number().min(0).max(1e9).catch(0),
  /** Missing where the old one stays good. */
  refresh_token: z.string().min(1).optional().catch(undefined),
});
export type TokenAnswer = z.infer<typeof tokenSchema>;

const customFieldSchema = z.object({
  custom_field_id: z.string(),
  value: z
    .union([z.string(), z.number().transform(String)])
    .optional()
    .catch(undefined),
});

/**
 * What a contact lacks is left out of an answer; what is asked to be included is empty then. If it were missing, everybody
 * would seem to have left every list: such an answer is refused, as is one that does not tell who is deleted.
 */
const contactSchema = z
  .object({
    contact_id: z.string().min(1),
    email_address: z
      .object({
        address: text,
        permission_to_send: z.enum(permissions).optional().catch(undefined),
        opt_in_date: optionalTime,
        opt_out_source: source,
        opt_out_date: optionalTime,
      })
      .nullish(),
    first_name: text,
    last_name: text,
    job_title: text,
    company_name: text,
    create_source: source,
    update_source: source,
    created_at: time,
    updated_at: time,
    deleted_at: time.nullish(),
    list_memberships: z.array(z.string()).nullish(),
    custom_fields: z.array(customFieldSchema).nullish(),
  })
  .refine(
    ({ deleted_at, list_memberships, custom_fields }) => deleted_at || (list_memberships && custom_fields),
    "expected list_memberships and custom_fields",
  );
export type ContactAnswer = z.infer<typeof contactSchema>;

export const contactPageSchema = z.object({
  contacts: z.array(contactSchema),
  contacts_count: count,
  _links: next,
});

/** Those of many that can be read: one that is odd, and hardly ours, must not stop every run. */
function readable<Schema extends z.ZodType>(schema: Schema) {
  return z
    .array(schema.optional().catch(undefined))
    .transform((all) => all.filter((one) => one !== undefined));
}

export const customFieldPageSchema = z.object({
  custom_fields: readable(z.object({ custom_field_id: z.string(), name: z.string() })),
  _links: next,
});

/** A contact list. */
export const listSchema = z
  .object({ list_id: z.string(), membership_count: count, deleted_at: z.unknown().optional() })
  .transform(({ list_id, membership_count, deleted_at }) => ({
    id: list_id,
    /** How many contacts are on it, whatever their permission. */
    members: membership_count,
    isDeleted: deleted_at !== undefined && deleted_at !== null,
  }));
export type ContactList = z.infer<typeof listSchema>;

/** The states in which an activity is over; an unknown one is not. */
const terminalStates = ["completed", "cancelled", "failed", "timed_out"] as const;

const errorSchema = z.union([
  z.string(),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

const noCounts = {};

/** What an activity counts; any of it may be missing. */
const countsSchema = z
  .object({
    items_total_count: count,
    items_completed_count: count,
    person_count: count,
    error_count: count,
    correctable_count: count,
    cannot_add_to_list_count: count,
  })
  .catch(noCounts)
  .transform((status) => ({
    /** With the header of a CSV. */
    total: status.items_total_count,
    completed: status.items_completed_count,
    people: status.person_count,
    errors: status.error_count,
    /** Rows with an error that can be mended in the provider's dashboard alone. */
    correctable: status.correctable_count,
    /** Contacts who opted out of everything. */
    notAdded: status.cannot_add_to_list_count,
  }));

/** A bulk activity. In a collection its links are wrong: only its id tells which one it is. */
export const activitySchema = z
  .object({
    activity_id: z.string().min(1),
    state: z.preprocess(
      // As older texts spell it.
      (state) => (state === "time_out" ? "timed_out" : state),
      z.enum([...terminalStates, "initialized", "processing"]).catch("processing"),
    ),
    created_at: optionalTime,
    source_file_name: z.string().optional().catch(undefined),
    activity_errors: z.array(errorSchema.catch("")).catch([]),
    status: countsSchema,
  })
  .transform((answer) => ({
    id: answer.activity_id,
    /** An unknown state counts as `processing`. */
    state: answer.state,
    createdAt: answer.created_at,
    fileName: answer.source_file_name,
    /** In the provider's words, which may quote an address: for the quarantine only. */
    errors: answer.activity_errors,
    counts: answer.status,
  }));
export type Activity = z.infer<typeof activitySchema>;

export function isOver({ state }: Activity): boolean {
  return terminalStates.some((terminal) => terminal === state);
}

export const activityPageSchema = z.object({ activities: readable(activitySchema) });
