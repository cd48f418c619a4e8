import * as z from "zod";
import { CredentialError } from "../../domain/errors.ts";
import { describeStatus } from "../../domain/http-status.ts";
import { BatchRefusedError, ProviderRefusalError } from "../../domain/provider-errors.ts";

/** What authorises anew and fills the secret. */
const connect = "npm run connect -- constant-contact";

const errorSchema = z.object({ error_key: z.string(), error_message: z.string().catch("") });

/** The API answers with an array of errors, its gateway with one, the token endpoint with a code, a CDN with HTML. */
const bodySchema = z.union([
  z.array(errorSchema),
  errorSchema.transform((error) => [error]),
  z.object({ error: z.string() }).transform(({ error }) => [{ error_key: error, error_message: "" }]),
]);

/** The keys that are told. Any other word might be anything, and a message may quote an address. */
const knownKeys: ReadonlySet<string> = new Set([
  "contacts.api.validation.error",
  "contacts.api.conflict",
  "contacts.api.not_found",
  "unauthorized",
  "throttled",
  "quota_exceeded",
  "invalid_grant",
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
]);

const batchStatuses: readonly number[] = [400, 413, 422];
/** Statuses which say that there is no such address, and nothing about the credentials. */
const wrongAddress: readonly number[] = [404, 405];
const longestReason = 500;

/** The known key of an error; undefined if it has none. */
export function errorKeyOf(body: string): string | undefined {
  return errorsIn(body).find(({ error_key }) => knownKeys.has(error_key))?.error_key;
}

/**
 * The error of a refused call, with a hint for the operator. It holds none of the provider's words but a known key.
 *
 * @param answer.listId of a call on a list
 */
export function refusalOf(
  endpoint: string,
  { status, body, listId }: { status: number; body: string; listId?: string | undefined },
): ProviderRefusalError {
  return new ProviderRefusalError(endpoint, status, `${hintFor(status, listId)}${inBrackets(body)}`);
}

/** The error of an import that was refused, which may be because of its rows; undefined for another reason. */
export function importRefusalOf(
  endpoint: string,
  { status, body }: { status: number; body: string },
): BatchRefusedError | undefined {
  if (!batchStatuses.includes(status)) return undefined;
  const reason = errorsIn(body).map(({ error_key, error_message }) => `${error_key}: ${error_message}`);
  return new BatchRefusedError(endpoint, status, {
    lines: [],
    reason: reason.join(", ").slice(0, longestReason),
  });
}

/** The error of a refused request for a token. */
export function tokenRefusalOf(
  endpoint: string,
  { status, body, secret }: { status: number; body: string; secret: string },
): CredentialError | ProviderRefusalError {
  if (status < 400 || wrongAddress.includes(status)) {
    return new ProviderRefusalError(endpoint, status, "is the provider's tokenUrl right?");
  }
  if (errorKeyOf(body) === "invalid_grant") {
    const reasons =
      "it was revoked, not used for 180 days, or lost when a run was cut short while it was renewed";
    return new CredentialError(
      secret,
      `the provider no longer takes its refreshToken: ${reasons}. "${connect}" makes a new one`,
    );
  }
  const problem = `the provider refuses it with ${describeStatus(status)}${inBrackets(body)}`;
  return new CredentialError(secret, `${problem}. "${connect}" makes a new one`);
}

function hintFor(status: number, listId: string | undefined): string {
  if (status < 400) return "it is a redirect, which is not followed; is the provider's baseUrl right?";
  if (status === 403) {
    return `does its user manage contacts, and was the scope contact_data granted? "${connect}" authorises anew`;
  }
  if (status === 404 && listId !== undefined)
    return `does the account have a list ${listId}? That is the list's "id" in the configuration`;
  if (status === 404) return "is the provider's baseUrl right?";
  return "the request is not what the provider expects";
}

function inBrackets(body: string): string {
  const key = errorKeyOf(body);
  return key === undefined ? "" : ` (${key})`;
}

function errorsIn(body: string): z.infer<typeof bodySchema> {
  try {
    return bodySchema.parse(JSON.parse(body));
  } catch {
    return [];
  }
}
