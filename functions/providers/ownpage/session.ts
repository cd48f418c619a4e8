import { CredentialError } from "../../domain/errors.ts";
import { ProviderRefusalError } from "../../domain/provider-errors.ts";
import { createHttp, type Http } from "../../platform/http/http.ts";
import type { HttpCall } from "../../platform/http/http-call.ts";
import type { HttpResponse } from "../../platform/http/send-request.ts";
import type { ReadSecret } from "../../platform/secrets.ts";
import { RenewedToken } from "../renewed-token.ts";
import type { OwnpageConfiguration } from "./ownpage-configuration.ts";
import { refusalOf } from "./refusal.ts";
import { createTokenRequest } from "./token.ts";

export interface SessionOptions {
  readonly configuration: OwnpageConfiguration;
  /** Reads the credentials whenever a token is asked for. */
  readonly readSecret: ReadSecret;
  /** @default 60 seconds for an attempt, and five retries */
  readonly http?: Http;
  /** When the function is ended, in ms since the epoch: nothing is waited for beyond it. */
  readonly deadline?: number;
}

/** One call of the API. */
export interface OwnpageCall<T> {
  readonly method: "GET" | "POST";
  /** The path below the base URL, for messages: `/newsletters/lists/{list}/subscribers`. */
  readonly template: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a function makes it for each attempt. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  readonly acquire?: HttpCall<T>["acquire"];
  readonly onSend?: (() => void) | undefined;
  readonly patience?: HttpCall<T>["patience"];
  readonly mayBeRows?: HttpCall<T>["mayBeRows"];
  readonly read: (answer: HttpResponse, endpoint: string) => Promise<T>;
  /** The error for a status that is not retried; for 401 a ProviderRefusalError. @default refusalOf */
  readonly refused?: (endpoint: string, status: number, body: string) => Error;
}

export interface Session {
  readonly http: Http;
  /** Makes a call with the client token. If it is answered with 401, it is made once more with a new token. */
  call<T>(call: OwnpageCall<T>): Promise<T>;
  /** Makes a call that needs no token. */
  callOpenly<T>(call: OwnpageCall<T>): Promise<T>;
}

/** Gives every call its base URL, its token and its retries. */
export function createSession({ configuration, readSecret, ...options }: SessionOptions): Session {
  const { http = createHttp({ timeoutMs: 60_000, retries: 5 }), deadline } = options;
  const baseUrl = configuration.baseUrl.replace(/\/+$/, "");
  const { secret } = configuration;
  const clientToken = new RenewedToken(createTokenRequest({ http, baseUrl, secret, readSecret, deadline }));
  const send = <T>(call: OwnpageCall<T>, edge: Edge<T>) =>
    http.request({ ...requestOf(call, baseUrl), ...edge, deadline });

  async function call<T>(call: OwnpageCall<T>): Promise<T> {
    const body = createBody(call.body);
    let token: string | undefined;
    // Evaluated after the body: making that may itself need calls, which may use up the token.
    const headersWith = (refused?: string) => async () => {
      token = await clientToken.get(call.signal, refused);
      return { ...headersOf(call), "x-ownpage-client-token": token };
    };
    try {
      return await send(call, { headers: headersWith(), body: body.next });
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
    }
    body.keepOnce();
    try {
      return await send(call, { headers: headersWith(token), body: body.next, repeats: true });
    } catch (error) {
      throw isUnauthorized(error) ? newTokenRefused(secret, error) : error;
    }
  }
  const callOpenly: Session["callOpenly"] = (call) =>
    send(call, { headers: headersOf(call), body: createBody(call.body).next });
  return { http, call, callOpenly };
}

/** What differs when a call is made once more. */
type Edge<T> = Pick<HttpCall<T>, "headers" | "body" | "repeats">;

/** A call as HTTP makes it, without what is of one sending. */
function requestOf<T>(call: OwnpageCall<T>, baseUrl: string): Omit<HttpCall<T>, keyof Edge<T>> {
  const { method, signal, acquire, onSend, patience, mayBeRows } = call;
  const endpoint = `${method} ${call.template}`;
  const { refused = (endpoint, status) => refusalOf(endpoint, status) } = call;
  return {
    endpoint,
    method,
    url: `${baseUrl}${call.path}${queryOf(call.query)}`,
    signal,
    acquire,
    onSend,
    patience,
    mayBeRows,
    read: (answer) => call.read(answer, endpoint),
    refused: (status, answer) => refused(endpoint, status, answer),
  };
}

function newTokenRefused(secret: string, cause: unknown): CredentialError {
  return new CredentialError(secret, "the provider refuses a token that it has just given for it", { cause });
}

function headersOf({ headers, body }: OwnpageCall<unknown>): Record<string, string> {
  return { ...headers, ...(body !== undefined && { "content-type": "application/json" }) };
}

/** A call's body for each of its attempts. */
function createBody(body: unknown): { next: HttpCall<unknown>["body"]; keepOnce(): void } {
  if (typeof body !== "function") {
    const json = body === undefined ? undefined : JSON.stringify(body);
    return { next: json, keepOnce: () => undefined };
  }
  let made: string | undefined;
  let isKept = false;
  const next = async () => {
    if (!isKept || made === undefined) made = JSON.stringify(await body());
    isKept = false;
    return made;
  };
  // An attempt without a valid token did nothing, and what its body was made of is still fresh.
  const keepOnce = () => {
    isKept = true;
  };
  return { next, keepOnce };
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ProviderRefusalError && error.status === 401;
}

function queryOf(query: OwnpageCall<unknown>["query"] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}
