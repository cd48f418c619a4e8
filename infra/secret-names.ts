import type { ProviderConfiguration } from "../functions/providers/provider-configuration.ts";
import type { Configuration } from "./config.ts";
import { nameIn } from "./environment.ts";

/**
 * The configuration with the names that the providers' secrets have in the account: those of its environment, but for
 * secrets that `existing` lists by their names.
 */
export function withSecretNames(configuration: Configuration): Configuration {
  const { environment, existing, provider, lists } = configuration;
  const listed = Array.isArray(existing.providerSecret) ? existing.providerSecret : [];
  const named = (account: ProviderConfiguration): ProviderConfiguration => {
    const { secret } = account;
    return { ...account, secret: listed.includes(secret) ? secret : nameIn(environment, secret, "/") };
  };
  const namedLists = Object.entries(lists).map(([name, list]) => [
    name,
    { ...list, ...(list.provider && { provider: named(list.provider) }) },
  ]);
  return { ...configuration, provider: named(provider), lists: Object.fromEntries(namedLists) };
}
