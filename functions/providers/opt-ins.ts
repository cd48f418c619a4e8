import type { Fields } from "../domain/subscriber.ts";

/** What asks readers by mail whether they meant to subscribe. */
export interface OptIns {
  /**
   * Has the provider send one mail. A second call sends a second one.
   *
   * @param reader.fields `data_*`
   * @throws CredentialError when the account's secret has no form for the list, and as a provider's calls do
   */
  ask(reader: { readonly email: string; readonly fields: Fields }, signal: AbortSignal): Promise<void>;
}
