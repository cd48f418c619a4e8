import * as z from "zod";
import { secretNameSchema } from "../functions/platform/secret-name.ts";

const bucketNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expected a bucket's name, not its ARN or URL");

/** What exists already and is not created again: because a removal left it, or somebody else created it. */
export const existingSchema = z
  .strictObject({
    /** The providers' secrets: all of them, or those of these names. */
    providerSecret: z
      .union([z.boolean(), z.array(secretNameSchema)], "expected true, false or secrets' names")
      .default(false),
    /** The key of the history. */
    historyKey: z.boolean().default(false),
    /** A bucket keeps its lifetimes and its policy, which are its owner's. */
    exchangeBucket: bucketNameSchema.optional(),
    archiveBucket: bucketNameSchema.optional(),
  })
  .prefault({});
export type Existing = z.infer<typeof existingSchema>;

/** Whether a provider's secret of that name is in the account already, and so is not created. */
export function isExistingSecret({ providerSecret }: Existing, name: string): boolean {
  return Array.isArray(providerSecret) ? providerSecret.includes(name) : providerSecret;
}
