import * as z from "zod";
import { secretNameSchema } from "../../platform/secret-name.ts";

/** What the operator writes about an account at Ownpage. */
export const ownpageConfigurationSchema = z.strictObject({
  kind: z.literal("ownpage"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^?#@]*$/, "expected an address without user, query or fragment")
    .default("https://services.ownpage.fr/v1"),
  /** The name of the secret that holds the account's credentials. */
  secret: secretNameSchema,
  /** How many pages of a list are asked for at the same time. */
  concurrency: z.int().min(1).max(32).default(4),
});
export type OwnpageConfiguration = z.infer<typeof ownpageConfigurationSchema>;

/** What the secret holds. */
export const credentialsSchema = z.object({ client: z.string().min(1), apiKey: z.string().min(1) });
export type Credentials = z.infer<typeof credentialsSchema>;
export const credentialsExample = '{"client":"...","apiKey":"..."}';

const listNumberSchema = z.int("expected a whole number").positive("expected a number above 0");

/** A list's number; left out, the older API of one implicit list is called. */
export const ownpageListIdSchema = listNumberSchema.optional();

/** The number of a list that files are imported into. */
export const ownpageImportListIdSchema = z
  .custom((id) => id !== undefined, "an import needs it: the older API, of one implicit list, has none")
  .pipe(listNumberSchema);
