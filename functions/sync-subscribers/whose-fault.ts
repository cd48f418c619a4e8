import { CredentialError } from "../domain/errors.ts";
import {
  ProviderRefusalError,
  ProviderUnavailableError,
  QuotaExceededError,
} from "../domain/provider-errors.ts";

/** Whether the rows that were sent may be why the provider failed. */
export function mayBeRows(error: unknown): boolean {
  return error instanceof ProviderUnavailableError && error.mayBeRows;
}

/** Whether no other batch would fare better. */
export function concernsAll(error: unknown): boolean {
  if (error instanceof ProviderUnavailableError) return !error.mayBeRows;
  return [CredentialError, ProviderRefusalError, QuotaExceededError].some((kind) => error instanceof kind);
}
