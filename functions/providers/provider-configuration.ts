import * as z from "zod";
import {
  credentialsExample,
  ownpageConfigurationSchema,
  ownpageImportListIdSchema,
  ownpageListIdSchema,
} from "./ownpage/ownpage-configuration.ts";

/** What the operator writes about an account at a provider. Its `secret` tells it from other accounts. */
export const providerSchema = z.discriminatedUnion("kind", [ownpageConfigurationSchema]);
export type ProviderConfiguration = z.infer<typeof providerSchema>;

/** Any provider's id of a list. Which ids a provider takes is its own affair: see `listIdSchemasOf`. */
export const listIdSchema = z
  .union([z.number(), z.string()], "expected the list's id at its provider: a number or a text")
  .optional();
export type ListId = z.infer<typeof listIdSchema>;

/** What this provider takes as the id of a list, and as that of a list that files are imported into. */
export function listIdSchemasOf({ kind }: ProviderConfiguration): { any: z.ZodType; imported: z.ZodType } {
  switch (kind) {
    case "ownpage":
      return { any: ownpageListIdSchema, imported: ownpageImportListIdSchema };
  }
}

/** What this provider's secret holds. */
export function credentialsExampleOf({ kind }: ProviderConfiguration): string {
  switch (kind) {
    case "ownpage":
      return credentialsExample;
  }
}
