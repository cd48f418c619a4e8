import type { RequestCounts } from "../platform/http/http.ts";
import { dailyQuotaOf, type ProviderConfiguration } from "./provider-configuration.ts";

/** What a run took of an account's daily quota; undefined if it has none, or nothing was asked of it. */
export function quotaUseOf(
  provider: ProviderConfiguration,
  requests: RequestCounts | undefined,
): { readonly account: string; readonly requests: number } | undefined {
  if (requests === undefined || dailyQuotaOf(provider) === undefined) return undefined;
  return { account: provider.secret, requests: requests.sent };
}
