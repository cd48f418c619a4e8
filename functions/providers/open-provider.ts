import { ConfigurationError } from "../domain/errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { ReadSecret, WriteSecret } from "../platform/secrets.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { constantContactListIdSchema } from "./constant-contact/constant-contact-configuration.ts";
import { createConstantContactImporter } from "./constant-contact/constant-contact-importer.ts";
import type { ConstantContactListOptions } from "./constant-contact/constant-contact-list.ts";
import { createConstantContactProvider } from "./constant-contact/constant-contact-provider.ts";
import type { EventFiles } from "./event-files.ts";
import type { Importer } from "./importer.ts";
import type { OptIns } from "./opt-ins.ts";
import { ownpageImportListIdSchema, ownpageListIdSchema } from "./ownpage/ownpage-configuration.ts";
import { createOwnpageEventFiles } from "./ownpage/ownpage-event-files.ts";
import { createOwnpageImporter } from "./ownpage/ownpage-importer.ts";
import { createOwnpageOptIns } from "./ownpage/ownpage-opt-ins.ts";
import { createOwnpageProvider } from "./ownpage/ownpage-provider.ts";
import type { Provider } from "./provider.ts";
import type { ListId, ProviderConfiguration } from "./provider-configuration.ts";

/** What any account needs to be opened. */
export interface AccountAccess {
  readonly readSecret: ReadSecret;
  /** When the function is ended: nothing is waited for beyond it. */
  readonly deadline: Date;
}

/** What a list may need to be opened. */
export interface ListAccess extends AccountAccess {
  /** The zone of times without an offset. */
  readonly timeZone: string;
  /** For a provider that gives new tokens. */
  readonly writeSecret: WriteSecret;
  /** The exchange bucket, for a provider of which something must be remembered. */
  readonly store: ObjectStore;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Called with a sentence for the report. */
  note(text: string): void;
}

/** A list, and what its configuration says of it, which has been checked. */
export interface ListToOpen {
  readonly name: string;
  readonly id?: ListId;
  readonly joinKnown?: "always" | undefined;
  readonly askAgain?: boolean | undefined;
}

/** Opens one list at a provider of the configured kind. */
export function openProvider(
  configuration: ProviderConfiguration,
  list: ListToOpen,
  { timeZone, ...access }: ListAccess,
): Provider {
  switch (configuration.kind) {
    case "ownpage": {
      const listId = ownpageListIdSchema.parse(list.id);
      return createOwnpageProvider({ ...sessionOptions(configuration, access), listId, timeZone });
    }
    case "constant-contact":
      return createConstantContactProvider(constantContactOptions(configuration, list, access));
  }
}

/**
 * Opens one list for imports.
 *
 * @throws ConfigurationError when the provider has no imports into a list with this id
 */
export function openImporter(
  configuration: ProviderConfiguration,
  list: ListToOpen,
  { timeZone, ...access }: ListAccess,
): Importer {
  switch (configuration.kind) {
    case "ownpage": {
      const { data: listId, error } = ownpageImportListIdSchema.safeParse(list.id);
      if (error) throw new ConfigurationError(`lists.${list.name}.id`, error.issues[0]!.message);
      return createOwnpageImporter({ ...sessionOptions(configuration, access), listId, timeZone });
    }
    case "constant-contact":
      return createConstantContactImporter(constantContactOptions(configuration, list, access));
  }
}

/**
 * Opens the event files of an account.
 *
 * @throws ConfigurationError when the provider has none
 */
export function openEventFiles(configuration: ProviderConfiguration, access: AccountAccess): EventFiles {
  switch (configuration.kind) {
    case "ownpage":
      return createOwnpageEventFiles(sessionOptions(configuration, access));
    case "constant-contact":
      throw new ConfigurationError("provider", "a provider that has files of events");
  }
}

/** Opens the double opt-in of a list; undefined if the provider has none. */
export function openOptIns(
  configuration: ProviderConfiguration,
  { name }: Pick<ListToOpen, "name">,
  access: AccountAccess,
): OptIns | undefined {
  switch (configuration.kind) {
    case "ownpage":
      return createOwnpageOptIns({ ...sessionOptions(configuration, access), list: name });
    case "constant-contact":
      return undefined;
  }
}

function sessionOptions<Configuration>(
  configuration: Configuration,
  { readSecret, deadline }: AccountAccess,
) {
  return { configuration, readSecret, deadline: deadline.getTime() };
}

function constantContactOptions(
  configuration: ConstantContactListOptions["configuration"],
  { name, id, joinKnown, askAgain }: ListToOpen,
  { deadline, ...access }: Omit<ListAccess, "timeZone">,
): ConstantContactListOptions {
  const list = { name, listId: constantContactListIdSchema.parse(id), joinKnown, askAgain };
  return { configuration, list, deadline: deadline.getTime(), ...access };
}
