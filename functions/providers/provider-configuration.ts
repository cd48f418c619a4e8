import * as z from "zod";
import {
  constantContactConfigurationSchema,
  credentialsExample as constantContactCredentialsExample,
  constantContactListIdSchema,
} from "./constant-contact/constant-contact-configuration.ts";
import {
  credentialsExample,
  ownpageConfigurationSchema,
  ownpageImportListIdSchema,
  ownpageListIdSchema,
} from "./ownpage/ownpage-configuration.ts";

/** What the operator writes about an account at a provider. Its `secret` tells it from other accounts. */
export const providerSchema = z.discriminatedUnion("kind", [
  ownpageConfigurationSchema,
  constantContactConfigurationSchema,
]);
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
    case "constant-contact":
      return { any: constantContactListIdSchema, imported: constantContactListIdSchema };
  }
}

/** What this provider's secret holds. */
export function credentialsExampleOf({ kind }: ProviderConfiguration): string {
  switch (kind) {
    case "ownpage":
      return credentialsExample;
    case "constant-contact":
      return constantContactCredentialsExample;
  }
}

/** The choices of a list that only some providers know: those of a provider that keeps its readers apart from its lists. */
export const accountChoices = ["joinKnown", "askAgain"] as const;

export function knowsAccountChoices({ kind }: ProviderConfiguration): boolean {
  return kind === "constant-contact";
}

/** How many requests a day the provider answers, for all lists of an account together; undefined if it sets no such limit. */
export function dailyQuotaOf({ kind }: Pick<ProviderConfiguration, "kind">): number | undefined {
  return kind === "constant-contact" ? 10_000 : undefined;
}

/** Whether runs write new tokens into the account's secret. */
export function renewsSecret({ kind }: ProviderConfiguration): boolean {
  return kind === "constant-contact";
}

/** Whether what the account held is kept from run to run. */
export function hasMirror({ kind }: ProviderConfiguration): boolean {
  return kind === "constant-contact";
}

/** Whether what readers did can be archived: the provider has it as files. */
export function hasEventFiles({ kind }: ProviderConfiguration): boolean {
  return kind === "ownpage";
}
