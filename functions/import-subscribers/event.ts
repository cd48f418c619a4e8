import * as z from "zod";
import { listNameSchema } from "../configuration.ts";

export const goodImportEvent = { list: "daily" };

/** What the function is invoked with. */
export const importEventSchema = z.strictObject({
  list: listNameSchema,
  /** Write the files, but do not announce them to the provider. */
  dryRun: z.boolean("expected true or false").default(false),
  /** A person's approval: this many rows may unsubscribe somebody, whatever the list's limit. */
  allowUnsubscribed: z.int("expected a whole number").positive("expected a number above 0").optional(),
});
export type ImportEvent = z.infer<typeof importEventSchema>;
