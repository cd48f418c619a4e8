import { CredentialError } from "../../domain/errors.ts";
import { describeStatus } from "../../domain/http-status.ts";
import { ProviderRefusalError } from "../../domain/provider-errors.ts";
import type { Http } from "../../platform/http/http.ts";
import type { HttpCall } from "../../platform/http/http-call.ts";
import { readJson } from "../../platform/http/http-json.ts";
import type { ReadSecret } from "../../platform/secrets.ts";
import { tokenSchema } from "./answers.ts";
import { type Credentials, credentialsExample, credentialsSchema } from "./ownpage-configuration.ts";
import { refusalOf } from "./refusal.ts";

export interface TokenOptions {
  readonly http: Http;
  readonly baseUrl: string;
  /** The name of the secret that holds the credentials. */
  readonly secret: string;
  readonly readSecret: ReadSecret;
  readonly deadline: number | undefined;
}

/** Statuses which say that this form of the call does not exist, and nothing about the credentials. */
const unknownForm: readonly number[] = [404, 405];

/**
 * What asks for a client token: in the documented form, and where that does not exist, in the older one from then
 * on. How long a token lives is not documented: until a call is answered with 401.
 */
export function createTokenRequest(options: TokenOptions): (signal: AbortSignal) => Promise<string> {
  let ask = askByPost;
  return async (signal) => {
    const credentials = await readCredentials(options);
    try {
      return await ask(options, credentials, signal);
    } catch (error) {
      const isUnknown = error instanceof ProviderRefusalError && unknownForm.includes(error.status);
      if (ask === askByGet || !isUnknown) throw error;
      ask = askByGet;
      return ask(options, credentials, signal);
    }
  };
}

async function readCredentials({ secret, readSecret }: TokenOptions): Promise<Credentials> {
  const { data } = credentialsSchema.safeParse(await readSecret(secret));
  if (data === undefined) throw new CredentialError(secret, `its value is not ${credentialsExample}`);
  return data;
}

/** Keeps the key out of URLs, and so out of access logs. */
function askByPost(
  options: TokenOptions,
  { client, apiKey }: Credentials,
  signal: AbortSignal,
): Promise<string> {
  return askFor(options, {
    endpoint: "POST /token",
    method: "POST",
    url: `${options.baseUrl}/token`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: client, password: apiKey }),
    signal,
  });
}

function askByGet(
  options: TokenOptions,
  { client, apiKey }: Credentials,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams({ username: client, password: apiKey });
  return askFor(options, {
    endpoint: "GET /token",
    method: "GET",
    url: `${options.baseUrl}/token?${query}`,
    signal,
  });
}

async function askFor(
  { http, secret, deadline }: TokenOptions,
  call: Omit<HttpCall<string>, "read" | "refused">,
): Promise<string> {
  const { token } = await http.request({
    ...call,
    deadline,
    read: (response) => readJson(response, tokenSchema),
    refused: (status) =>
      status < 400 || unknownForm.includes(status)
        ? refusalOf(call.endpoint, status)
        : new CredentialError(secret, `the provider refuses it with ${describeStatus(status)}`),
  });
  return token;
}
