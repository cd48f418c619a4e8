import * as z from "zod";

/** What the operator writes of the provider. */
export const ownpageConfigurationSchema = z.strictObject({
  kind: z.literal("ownpage"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^?#@]*$/, "expected an address without user, query or fragment")
    .default("https://services.ownpage.fr/v1"),
  /** The name of a secret: `{"client":"…","apiKey":"…"}`. */
  secret: z.string().min(1),
  /** How many pages of a list are asked for at the same time. */
  concurrency: z.int().min(1).max(32).default(4),
});
export type OwnpageConfiguration = z.infer<typeof ownpageConfigurationSchema>;

export const credentialsSchema = z.object({ client: z.string().min(1), apiKey: z.string().min(1) });
export type Credentials = z.infer<typeof credentialsSchema>;

// Answers may hold more than is documented: unknown fields are let through.

/** Visible ASCII only: a header takes nothing else, and would quote the token when it refuses it. */
export const tokenSchema = z.object({ token: z.string().regex(/^[\x21-\x7e]+$/) });

const time = z.string().nullish();

export const listsSchema = z.array(
  z.object({ id: z.int(), name: z.string(), created_at: time, updated_at: time }),
);
export type OwnpageList = z.infer<typeof listsSchema>[number];

const count = z.int().nonnegative();

/** Any cause may be missing, and a new one may appear. */
export const countSchema = z.object({
  subscribed: count,
  unsubscribed: count,
  cause: z.record(z.string(), count).nullish(),
});
export type OwnpageCounts = z.infer<typeof countSchema>;

/** Any number, 1e999 included, which JSON.parse takes for infinite. */
const number = z.custom<number>((value) => typeof value === "number");
const text = z.union([z.string(), number.transform(String)]).nullish();

/** One row of a page. Only `email` must be there; the columns that are read beside these may hold anything. */
const subscriberRowSchema = z.looseObject({
  email: z.string().min(1),
  subscribed: z
    .union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" })])
    .nullish(),
  subscribed_at: text,
  unsubscribed_at: text,
  unsubscribed_cause: text,
});
export const pageSchema = z.array(subscriberRowSchema);
export type SubscriberRow = z.infer<typeof subscriberRowSchema>;

/** A counter that is left out counts nothing: it then differs from what was predicted, and is reported for that. */
const counter = count.nullish().transform((value) => value ?? 0);

export const writeReportSchema = z.object({
  report: z.object({
    /** Strings or objects: not documented, and only counted. */
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

/** An import goes on after its answer; nothing documented tells how it ended. */
export const fileImportSchema = z.object({
  id: z.union([z.int(), z.string()]),
  status: z.string(),
  name: z.string().nullish(),
  size: z.number().nullish(),
  created_at: time,
  email_list_id: z.int().nullish(),
});
export type FileImport = z.infer<typeof fileImportSchema>;

export const statsExportSchema = z.object({ token: z.string().min(1), filename: z.string().min(1) });

export const optInSchema = z.object({ success: z.unknown() });
