import { addAbortListener } from "node:events";
import pRetry from "p-retry";
import { NewsletterSyncError } from "../../domain/errors.ts";
import { describeStatus } from "../../domain/http-status.ts";
import {
  AnswerTooLargeError,
  ProviderContractError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../../domain/provider-errors.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { HttpCall, Patience } from "./http-call.ts";
import { HttpFault, isBodyCut, isNotCompressed, OversizeFault, WrongShapeFault } from "./http-fault.ts";
import { readBytes } from "./read-bytes.ts";
import { isRetryable, isThrottled, parseRetryAfter, retryDelayMs } from "./retry-policy.ts";
import { type HttpResponse, type SendRequest, sendRequest } from "./send-request.ts";

/** Requests sent, and how many of them repeated an earlier one. */
export interface RequestCounts {
  readonly sent: number;
  readonly retried: number;
}

export interface Http {
  /** What was sent so far. */
  readonly requests: RequestCounts;
  /** How long one attempt may take, in ms. */
  readonly timeoutMs: number;
  /**
   * @throws ProviderUnavailableError when every attempt failed, ProviderContractError when each of them got a body
   *   of the wrong shape, AnswerTooLargeError, the error of `refused`, and the signal's reason
   */
  request<T>(call: HttpCall<T>): Promise<T>;
}

export interface HttpOptions {
  /** How long one attempt may take, its body included, in ms. */
  readonly timeoutMs: number;
  /** How often a failed attempt is repeated at most. */
  readonly retries: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** From 0 to 1, for the backoff. @default Math.random */
  readonly random?: () => number;
  /** @default sendRequest */
  readonly send?: SendRequest;
}

/** Creates a client that sends requests, retries them by the policy of retry-policy.ts, and counts them. */
export function createHttp(options: HttpOptions): Http {
  const { timeoutMs, retries, clock = systemClock, random = Math.random, send = sendRequest } = options;
  const requests = { sent: 0, retried: 0 };

  async function request<T>(call: HttpCall<T>): Promise<T> {
    const { deadline = Number.POSITIVE_INFINITY, signal } = call;
    const tried = { attempts: 0, wrongShapes: 0, since: 0 };
    const isOutOfPatience = ({ attempts = Number.POSITIVE_INFINITY, ms }: Patience) =>
      tried.attempts >= attempts || clock.now() - tried.since >= ms;
    const attempt = async () => {
      const release = await call.acquire?.();
      try {
        signal.throwIfAborted();
        return await sendOnce();
      } finally {
        release?.();
      }
    };
    const sendOnce = async () => {
      const body = typeof call.body === "function" ? await call.body() : call.body;
      const headers = typeof call.headers === "function" ? await call.headers() : call.headers;
      requests.sent++;
      if (tried.attempts === 0) tried.since = clock.now();
      if (tried.attempts++ > 0 || call.repeats) requests.retried++;
      call.onSend?.();
      const timeLeftMs = Math.max(1, deadline - clock.now());
      const sendBody = (signal: AbortSignal) => send({ ...call, headers, body }, signal);
      return await sendAndRead(call, { timeoutMs: Math.min(timeoutMs, timeLeftMs), clock, send: sendBody });
    };
    const shouldRetry = async ({ error }: { error: Error }) => {
      if (!(error instanceof HttpFault) || error instanceof OversizeFault) return false;
      const ms = retryDelayMs(tried.attempts, error.retryAfterMs, random());
      if (clock.now() + ms >= deadline) throw noTimeFor(error, clock.now());
      if (call.patience && !error.isOfAll && isOutOfPatience(call.patience)) return false;
      await clock.wait(ms, signal);
      return true;
    };
    const onFailedAttempt = ({ error }: { error: Error }) => {
      if (error instanceof WrongShapeFault) tried.wrongShapes++;
    };
    try {
      // p-retry itself never waits: the clock does, so that tests never sleep.
      return await pRetry(attempt, { retries, minTimeout: 0, shouldRetry, onFailedAttempt, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof HttpFault ? finalError(error, call, tried) : error;
    }
  }
  return { requests, timeoutMs, request };
}

const latestDate = 8.64e15;

/** The last fault of a call that cannot wait as long as it would have to. */
function noTimeFor({ message, retryAfterMs, isOfAll }: HttpFault, now: number): HttpFault {
  if (retryAfterMs === undefined)
    return new HttpFault(`${message}; no time was left for another`, { isOfAll });
  const at = new Date(Math.min(now + retryAfterMs, latestDate)).toISOString();
  return new HttpFault(`${message}; the provider asks to wait until ${at}`, { isOfAll: true });
}

/** The error of a call whose last attempt has failed. */
function finalError(
  fault: HttpFault,
  { endpoint, mayBeRows = false }: Pick<HttpCall<unknown>, "endpoint" | "mayBeRows">,
  { attempts, wrongShapes }: { attempts: number; wrongShapes: number },
): Error {
  if (fault instanceof OversizeFault) return new AnswerTooLargeError(endpoint, fault.maxBytes);
  if (wrongShapes === attempts) {
    const problem = `answered ${attempts} times with ${fault.message}`;
    return new ProviderContractError(endpoint, problem, { cause: fault });
  }
  const options = { cause: fault, mayBeRows: mayBeRows && !fault.isOfAll };
  return new ProviderUnavailableError(endpoint, attempts, fault.message, options);
}

interface Attempt {
  readonly timeoutMs: number;
  readonly clock: Clock;
  send(signal: AbortSignal): Promise<HttpResponse>;
}

async function sendAndRead<T>(call: HttpCall<T>, { timeoutMs, clock, send }: Attempt): Promise<T> {
  // Not AbortSignal.any: the attempt's timeout must not apply to a stream that is still read after it.
  const attempt = new AbortController();
  const listener = addAbortListener(call.signal, () => attempt.abort());
  const endTimer = clock.after(timeoutMs, () => attempt.abort());
  try {
    const response = await send(attempt.signal);
    if (response.status >= 200 && response.status < 300) return await call.read(response);
    if (!isRetryable(response.status)) throw await refusalOf(call, response);
    throw await faultOf(call, response, clock.now());
  } catch (error) {
    if (error instanceof HttpFault || error instanceof NewsletterSyncError) throw error;
    if (attempt.signal.aborted) throw new HttpFault(`a time-out after ${timeoutMs} ms`);
    throw isBodyCut(error) ? new HttpFault("a body cut short") : error;
  } finally {
    endTimer();
    listener[Symbol.dispose]();
  }
}

async function faultOf(
  { throttled }: HttpCall<unknown>,
  response: HttpResponse,
  now: number,
): Promise<Error> {
  const { status, headers, body } = response;
  const isOfAll = isThrottled(status);
  const retryAfterMs = parseRetryAfter(headers["retry-after"], now);
  const fault = new HttpFault(describeStatus(status), { retryAfterMs, isOfAll });
  if (isOfAll && throttled) return throttled(fault, await contentOf(response));
  body.destroy();
  return fault;
}

async function refusalOf(call: HttpCall<unknown>, response: HttpResponse): Promise<Error> {
  const { status } = response;
  const content = await contentOf(response);
  if (call.refused) return call.refused(status, content);
  return new ProviderRefusalError(call.endpoint, status, "the request is not what the provider expects");
}

/** The body of an answer that is not the wanted one; empty if it cannot be read. */
async function contentOf({ body }: HttpResponse): Promise<string> {
  return readBytes(body).then(String, (error: unknown) => {
    // Requested again, it would be no better: the status must do.
    if (isNotCompressed(error) || error instanceof OversizeFault) return "";
    throw error;
  });
}
