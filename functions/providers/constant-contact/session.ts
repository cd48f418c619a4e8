import { CredentialError } from "../../domain/errors.ts";
import { ProviderRefusalError, QuotaExceededError } from "../../domain/provider-errors.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import { createHttp, type Http } from "../../platform/http/http.ts";
import type { HttpCall } from "../../platform/http/http-call.ts";
import { HttpFault } from "../../platform/http/http-fault.ts";
import type { HttpResponse } from "../../platform/http/send-request.ts";
import type { ReadSecret, WriteSecret } from "../../platform/secrets.ts";
import type { ObjectStore } from "../../platform/storage/object-store.ts";
import { RenewedToken } from "../renewed-token.ts";
import type { ConstantContactConfiguration } from "./constant-contact-configuration.ts";
import { Pace } from "./pace.ts";
import { errorKeyOf, refusalOf } from "./refusal.ts";
import { createTokenRequest } from "./token.ts";

export interface SessionOptions {
  readonly configuration: ConstantContactConfiguration;
  readonly readSecret: ReadSecret;
  /** Writes new tokens into the secret. */
  readonly writeSecret: WriteSecret;
  /** Has the account's lock. */
  readonly store: ObjectStore;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default 60 seconds for an attempt, and eight retries */
  readonly http?: Http;
  /** When the function is ended, in ms since the epoch: nothing is waited for beyond it. */
  readonly deadline?: number;
  /** From 0 to 1, so that those who were throttled together do not come back together. @default Math.random */
  readonly random?: () => number;
}

/** One call of the API. */
interface ConstantContactCall<T> {
  readonly method: "GET" | "POST" | "PUT";
  /** The path below the base URL, for messages: `/contact_lists/{list}`. */
  readonly template: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpCall<T>["body"];
  readonly signal: AbortSignal;
  /** Whether it starts an activity: repeated after a lost answer, it would start another one. @default false */
  readonly startsActivity?: boolean;
  readonly read: (answer: HttpResponse, endpoint: string) => Promise<T>;
  /** The error for a status that is not retried; for 401 a ProviderRefusalError. @default refusalOf */
  readonly refused?: (endpoint: string, answer: { status: number; body: string }) => Error;
}

export interface Session {
  readonly http: Http;
  /** The address of a call. */
  url(path: string, query?: Readonly<Record<string, string | undefined>>): string;
  /** Makes a call with the access token. If it is answered with 401, it is made once more with a new token. */
  call<T>(call: ConstantContactCall<T>): Promise<T>;
}

/** One less than the provider takes, so that a person's own program does not break a run. */
const requestsPerSecond = 3;
const dayMs = 86_400_000;
/** How long a full queue of activities is given to empty. */
const fullQueueMs = 30_000;

/** Then nothing is repeated but what the provider certainly did not take: throttled, or never sent. */
const onlyOnce = { attempts: 1, ms: 0 } as const;

/** Gives every call its base URL, its turn, its token and its retries. */
export function createSession({ configuration, clock = systemClock, ...options }: SessionOptions): Session {
  const { secret, tokenUrl } = configuration;
  const { http = createHttp({ timeoutMs: 60_000, retries: 8, clock }), deadline, random } = options;
  const baseUrl = configuration.baseUrl.replace(/\/+$/, "");
  const accessToken = new RenewedToken(
    createTokenRequest({ ...options, http, tokenUrl, secret, clock, deadline }),
  );
  const pace = new Pace({ perSecond: requestsPerSecond, clock, random });

  function send<T>(call: ConstantContactCall<T>, edge: Pick<HttpCall<T>, "headers" | "repeats">): Promise<T> {
    const { method, template, url, body, signal, startsActivity = false } = call;
    const { refused = refusalOf } = call;
    const endpoint = `${method} ${template}`;
    return http.request({
      endpoint,
      method,
      url,
      body,
      ...edge,
      signal,
      deadline,
      patience: startsActivity ? onlyOnce : undefined,
      mayBeRows: startsActivity,
      throttled: (fault, answer) => {
        const key = errorKeyOf(answer);
        if (key === "quota_exceeded") return new QuotaExceededError(endpoint, nextMidnight(clock.now()));
        if (startsActivity && key !== "throttled") return waitForQueue(fault);
        pace.pause();
        return fault;
      },
      read: (answer) => call.read(answer, endpoint),
      refused: (status, answer) => refused(endpoint, { status, body: answer }),
    });
  }

  async function call<T>(call: ConstantContactCall<T>): Promise<T> {
    const { signal } = call;
    let token: string | undefined;
    // Evaluated last, after a body that may itself need calls: nothing comes between a request and its turn.
    const headersWith = (refused?: string) => async () => {
      token = await accessToken.get(signal, refused);
      await pace.turn(signal);
      return { accept: "application/json", ...call.headers, authorization: `Bearer ${token}` };
    };
    try {
      return await send(call, { headers: headersWith() });
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
    }
    try {
      return await send(call, { headers: headersWith(token), repeats: true });
    } catch (error) {
      throw isUnauthorized(error) ? newTokenRefused(secret, error) : error;
    }
  }
  const url: Session["url"] = (path, query = {}) => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return given.length === 0 ? baseUrl + path : `${baseUrl}${path}?${new URLSearchParams(given)}`;
  };
  return { http, url, call };
}

/** Too many activities are queued; how the provider says so is not documented. */
function waitForQueue(fault: HttpFault): HttpFault {
  if (fault.retryAfterMs !== undefined) return fault;
  return new HttpFault(fault.message, { retryAfterMs: fullQueueMs, isOfAll: true });
}

/** When the quota is reset: at midnight, UTC. */
function nextMidnight(now: number): Date {
  return new Date((Math.floor(now / dayMs) + 1) * dayMs);
}

function newTokenRefused(secret: string, cause: unknown): CredentialError {
  return new CredentialError(secret, "the provider refuses a token that it has just given for it", { cause });
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ProviderRefusalError && error.status === 401;
}
