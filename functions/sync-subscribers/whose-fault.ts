import { CredentialError, ProviderRefusalError, ProviderUnavailableError } from "../domain/errors.ts";

/** Whether the rows that were sent may be why the provider failed. */
export function mayBeRows(error: unknown): boolean {
  return error instanceof ProviderUnavailableError && error.mayBeRows;
}

/** Whether no other batch would fare better. */
export function concernsAll(error: unknown): boolean {
  if (error instanceof ProviderUnavailableError) return !error.mayBeRows;
  return error instanceof CredentialError || error instanceof ProviderRefusalError;
}
