import { ConfigurationError } from "../domain/errors.ts";
import type { ReadSecret } from "../platform/secrets.ts";
import type { EventFiles } from "./event-files.ts";
import type { Importer } from "./importer.ts";
import { ownpageImportListIdSchema, ownpageListIdSchema } from "./ownpage/ownpage-configuration.ts";
import { createOwnpageEventFiles } from "./ownpage/ownpage-event-files.ts";
import { createOwnpageImporter } from "./ownpage/ownpage-importer.ts";
import { createOwnpageProvider } from "./ownpage/ownpage-provider.ts";
import type { Provider } from "./provider.ts";
import type { ListId, ProviderConfiguration } from "./provider-configuration.ts";

/** What a provider may need to be opened. */
export interface ProviderAccess {
  readonly readSecret: ReadSecret;
  /** When the function is ended: nothing is waited for beyond it. */
  readonly deadline: Date;
}

/**
 * Opens one list at a provider of the configured kind.
 *
 * @param id the list's, as the configuration has checked it
 * @param access.timeZone the zone of times without an offset
 */
export function openProvider(
  configuration: ProviderConfiguration,
  id: ListId,
  { timeZone, ...access }: ProviderAccess & { timeZone: string },
): Provider {
  switch (configuration.kind) {
    case "ownpage": {
      const listId = ownpageListIdSchema.parse(id);
      return createOwnpageProvider({ ...sessionOptions(configuration, access), listId, timeZone });
    }
  }
}

/**
 * Opens one list for imports.
 *
 * @param access.timeZone as in openProvider
 * @throws ConfigurationError when the provider has no imports into a list with this id
 */
export function openImporter(
  configuration: ProviderConfiguration,
  { name, id }: { name: string; id: ListId },
  { timeZone, ...access }: ProviderAccess & { timeZone: string },
): Importer {
  switch (configuration.kind) {
    case "ownpage": {
      const { data: listId, error } = ownpageImportListIdSchema.safeParse(id);
      if (error) throw new ConfigurationError(`lists.${name}.id`, error.issues[0]!.message);
      return createOwnpageImporter({ ...sessionOptions(configuration, access), listId, timeZone });
    }
  }
}

/** Opens the event files of an account. */
export function openEventFiles(configuration: ProviderConfiguration, access: ProviderAccess): EventFiles {
  switch (configuration.kind) {
    case "ownpage":
      return createOwnpageEventFiles(sessionOptions(configuration, access));
  }
}

function sessionOptions<Configuration>(
  configuration: Configuration,
  { readSecret, deadline }: ProviderAccess,
) {
  return { configuration, readSecret, deadline: deadline.getTime() };
}
