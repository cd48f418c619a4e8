import { CredentialError, ProviderRefusalError } from "../../domain/errors.ts";
import type { Http, HttpCall } from "../../platform/http/http.ts";
import { readJson } from "../../platform/http/http-json.ts";
import type { ReadSecret } from "../../platform/secrets.ts";
import { refusalOf } from "./refusal.ts";
import { type Credentials, credentialsSchema, tokenSchema } from "./schema.ts";

export interface Tokens {
  /**
   * The token in use, or a new one when that is `refused`. However many calls ask, one request gets it.
   *
   * @throws CredentialError when the credentials are refused: once and for all, they are not sent again
   */
  get(signal: AbortSignal, refused?: string): Promise<string>;
}

export interface TokenOptions {
  readonly http: Http;
  readonly baseUrl: string;
  /** The name of the secret that holds the credentials. */
  readonly secret: string;
  readonly readSecret: ReadSecret;
  readonly deadline: number | undefined;
}

/** Statuses that tell of a form of the call which is not there, not of credentials. */
const unknownForm: readonly number[] = [404, 405];

/** Gets and keeps the client token. Its life is not documented: it is good until a call gets 401. */
export function createTokens(options: TokenOptions): Tokens {
  let token: string | undefined;
  let renewal: { readonly token: Promise<string>; readonly owner: AbortSignal } | undefined;
  let failure: CredentialError | undefined;
  const request = createTokenRequest(options);

  async function renew(signal: AbortSignal): Promise<string> {
    try {
      token = await request(signal);
      return token;
    } catch (error) {
      if (error instanceof CredentialError) failure = error;
      throw error;
    } finally {
      renewal = undefined;
    }
  }

  async function get(signal: AbortSignal, refused?: string): Promise<string> {
    for (;;) {
      if (failure !== undefined) throw failure;
      if (token !== undefined && token !== refused) return token;
      renewal ??= { token: renew(signal), owner: signal };
      const { token: renewed, owner } = renewal;
      try {
        return await renewed;
      } catch (error) {
        // The call that had begun the renewal was stopped; this one was not, and begins it anew.
        if (signal.aborted || !owner.aborted) throw error;
      }
    }
  }
  return { get };
}

/** The documented form first; the older one when that is not there, from then on. */
function createTokenRequest(options: TokenOptions): (signal: AbortSignal) => Promise<string> {
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
  if (data === undefined) throw new CredentialError(secret, 'its value is not {"client":"…","apiKey":"…"}');
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
        : new CredentialError(secret, `the provider refuses it with status ${status}`),
  });
  return token;
}
