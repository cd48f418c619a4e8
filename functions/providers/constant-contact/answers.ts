import * as z from "zod";
import { parseInstant } from "../../platform/parse-instant.ts";

// An answer may hold more than is documented: unknown fields are ignored.

/** Any time in ISO 8601, or a date; in ms since the epoch. */
const time = z.string().transform((text, { addIssue }) => {
  const at = parseInstant(text, "UTC");
  if (at !== undefined) return at;
  addIssue("expected a time");
  return z.NEVER;
});
const optionalTime = time.optional().catch(undefined);
const count = z.int().nonnegative().optional().catch(undefined);

/** A contact list. */
export const listSchema = z
  .object({ list_id: z.string(), membership_count: count, deleted_at: z.unknown() })
  .transform(({ list_id, membership_count, deleted_at }) => ({
    id: list_id,
    /** How many contacts are on it, whatever their permission. */
    members: membership_count,
    isDeleted: deleted_at !== undefined && deleted_at !== null,
  }));
export type ContactList = z.infer<typeof listSchema>;

/** The states in which an activity is over; an unknown one is not. */
export const terminalStates = ["completed", "cancelled", "failed", "timed_out"] as const;

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
    state: z.enum([...terminalStates, "initialized", "processing"]).catch("processing"),
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
