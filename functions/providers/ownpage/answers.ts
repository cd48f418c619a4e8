import * as z from "zod";
import { importStatuses } from "../importer.ts";

// An answer may hold more than is documented: unknown fields are ignored.

/** Visible ASCII only: a header takes nothing else, and the error of one that refuses it would quote the token. */
export const tokenSchema = z.object({ token: z.string().regex(/^[\x21-\x7e]+$/) });

const count = z.int().nonnegative();
const unknown = z.unknown().transform((): "unknown" => "unknown");

/** Its counts by cause are left out: their names are the provider's words. */
export const countSchema = z.object({ subscribed: count, unsubscribed: count });
export type OwnpageCounts = z.infer<typeof countSchema>;

/** Any number, even 1e999, which JSON.parse makes infinite. */
const number = z.custom<number>((value) => typeof value === "number");
const text = z.union([z.string(), number.transform(String)]).nullish();

/** One row of a page. Only `email` is required; the other columns may hold anything. */
export const subscriberRowSchema = z.looseObject({
  email: z.string().min(1),
  subscribed: z
    .union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" })])
    .nullish(),
  subscribed_at: text,
  unsubscribed_at: text,
  unsubscribed_cause: text,
});
/** A row that is not a subscriber's is found when it is read: it must not spoil the page. */
export const pageSchema = z.array(z.unknown());
export type SubscriberRow = z.infer<typeof subscriberRowSchema>;

/** A missing counter is taken for 0: it then differs from what was predicted, and that is reported. */
const counter = count.nullish().transform((value) => value ?? 0);

export const writeReportSchema = z.object({
  report: z.object({
    /** Strings or objects: their shape is not documented. */
    errors: z
      .array(z.unknown())
      .nullish()
      .transform((errors) => errors ?? []),
    unique_emails_count: counter,
    duplicate_emails_count: counter,
    duplicate_guid_count: counter,
    nb_created: counter,
    nb_subscribed: counter,
    nb_unsubscribed: counter,
    nb_data_changed: counter,
  }),
});
export type WriteReport = z.infer<typeof writeReportSchema>["report"];

/**
 * The import goes on after this answer, and no documented call tells how it ended. Whatever is not a number or a known
 * word is not let in: it might be an address or a link.
 */
export const fileImportSchema = z.object({
  id: z.union([count, unknown]),
  status: z.union([z.enum(importStatuses), unknown]),
  size: count.optional().catch(undefined),
});
export type FileImport = z.infer<typeof fileImportSchema>;

export const optInSchema = z.object({ success: z.unknown() });
