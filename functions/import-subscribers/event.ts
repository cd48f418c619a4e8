import * as z from "zod";
import { listNameSchema } from "../configuration.ts";

export const goodImportEvent = { list: "daily" };

/** What the function is invoked with. */
export const importEventSchema = z.strictObject({
  list: listNameSchema,
  /** Write the files, and tell the provider nothing. */
  dryRun: z.boolean("expected true or false").default(false),
  /** A person's approval: so many rows may say that somebody is unsubscribed, beside the list's limit. */
  allowUnsubscribed: z.int("expected a whole number").positive("expected a number above 0").optional(),
});
export type ImportEvent = z.infer<typeof importEventSchema>;
