import * as z from "zod";
import { listNameSchema } from "../configuration.ts";

export const goodImportEvent = { list: "daily" };

/** What the function is invoked with; with `dryRun` the files are written, and the provider is told nothing. */
export const importEventSchema = z.strictObject({
  list: listNameSchema,
  dryRun: z.boolean("expected true or false").default(false),
});
export type ImportEvent = z.infer<typeof importEventSchema>;
