import { addAbortListener } from "node:events";
import { text } from "node:stream/consumers";
import pRetry from "p-retry";
import {
  NewsletterSyncError,
  ProviderContractError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../../domain/errors.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Release } from "../semaphore.ts";
import { type HttpAnswer, type HttpRequest, type SendRequest, sendRequest } from "./http-answer.ts";
import { HttpFault, isBodyCut, isNotCompressed, WrongShapeFault } from "./http-fault.ts";
import { isTriedAgain, parseRetryAfter, waitMs } from "./retry-policy.ts";

/**
 * One call of a provider's API. A POST is repeated like a GET: what our calls send sets a state, and setting it twice
 * changes nothing more.
 */
export interface HttpCall<T> extends Omit<HttpRequest, "headers" | "body"> {
  /** Or what makes them for each attempt, once its body is made. */
  readonly headers?: HttpRequest["headers"] | (() => Promise<HttpRequest["headers"]>);
  /** Or what makes it anew for each attempt; what that throws ends the call. */
  readonly body?: string | (() => Promise<string>) | undefined;
  /** Names the call in messages: `GET /newsletters/lists/{list}/subscribers`. */
  readonly endpoint: string;
  /** Stops the call at once, whatever it is doing; the signal's reason is thrown as it is. */
  readonly signal: AbortSignal;
  /** When the function is ended, in ms since the epoch: nothing is waited for beyond it. */
  readonly deadline?: number | undefined;
  /** Whether the caller itself repeats an earlier call: its first request counts as a repeated one, too. */
  readonly repeats?: boolean;
  /** Waits until an attempt may begin; what it gives is called when the attempt is over, if not before. */
  readonly acquire?: (() => Promise<Release>) | undefined;
  /** Called before each request. */
  readonly onSend?: (() => void) | undefined;
  /** Reads the body of a 2xx answer; part of the attempt, so that a body which does not come whole is asked for again. */
  readonly read: (answer: HttpAnswer) => Promise<T>;
  /** The error for a status that is not tried again. @default ProviderRefusalError */
  readonly refused?: (status: number, body: string) => Error;
}

export interface Http {
  /** Requests sent so far, and those of them that repeated an earlier one. */
  readonly requests: { readonly sent: number; readonly retried: number };
  /** How long one attempt may take, in ms. */
  readonly timeoutMs: number;
  /**
   * @throws ProviderUnavailableError when every attempt failed, ProviderContractError when each of them was
   *   answered with a body of the wrong shape, what `refused` gives, and the signal's reason
   */
  request<T>(call: HttpCall<T>): Promise<T>;
}

export interface HttpOptions {
  /** How long one attempt may take, its body included, in ms. */
  readonly timeoutMs: number;
  /** How often a failed attempt is repeated at the most. */
  readonly retries: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** From 0 to 1, for the backoff. @default Math.random */
  readonly random?: () => number;
  /** @default sendRequest */
  readonly send?: SendRequest;
}

/** The edge to a provider's API: requests, tried again by the policy of retry-policy.ts. Counts them. */
export function createHttp(options: HttpOptions): Http {
  const { timeoutMs, retries, clock = systemClock, random = Math.random, send = sendRequest } = options;
  const requests = { sent: 0, retried: 0 };

  async function request<T>(call: HttpCall<T>): Promise<T> {
    const { deadline = Number.POSITIVE_INFINITY, signal } = call;
    const tried = { attempts: 0, misshapen: 0 };
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
      if (tried.attempts++ > 0 || call.repeats) requests.retried++;
      call.onSend?.();
      const timeLeftMs = Math.max(1, deadline - clock.now());
      const sendBody = (signal: AbortSignal) => send({ ...call, headers, body }, signal);
      return await answerTo(call, { timeoutMs: Math.min(timeoutMs, timeLeftMs), clock, send: sendBody });
    };
    const shouldRetry = async ({ error }: { error: Error }) => {
      if (!(error instanceof HttpFault)) return false;
      const ms = waitMs(tried.attempts, error.retryAfterMs, random());
      if (clock.now() + ms >= deadline) throw new HttpFault(`${error.message}; no time was left for another`);
      await clock.wait(ms, signal);
      return true;
    };
    const onFailedAttempt = ({ error }: { error: Error }) => {
      if (error instanceof WrongShapeFault) tried.misshapen++;
    };
    try {
      // p-retry itself waits for nothing: the waiting is ours, so that tests never sleep.
      return await pRetry(attempt, { retries, minTimeout: 0, shouldRetry, onFailedAttempt, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof HttpFault ? lastOf(error, call.endpoint, tried) : error;
    }
  }
  return { requests, timeoutMs, request };
}

/** What the caller is told when the last attempt has failed. */
function lastOf(
  fault: HttpFault,
  endpoint: string,
  { attempts, misshapen }: { attempts: number; misshapen: number },
): Error {
  const options = { cause: fault };
  return misshapen === attempts
    ? new ProviderContractError(endpoint, `answered ${attempts} times with ${fault.message}`, options)
    : new ProviderUnavailableError(endpoint, attempts, fault.message, options);
}

interface Attempt {
  readonly timeoutMs: number;
  readonly clock: Clock;
  send(signal: AbortSignal): Promise<HttpAnswer>;
}

async function answerTo<T>(call: HttpCall<T>, { timeoutMs, clock, send }: Attempt): Promise<T> {
  // A controller of the attempt's own, not AbortSignal.any: its time-out must end when a stream's reading begins.
  const attempt = new AbortController();
  const listener = addAbortListener(call.signal, () => attempt.abort());
  const endTimer = clock.after(timeoutMs, () => attempt.abort());
  try {
    const answer = await send(attempt.signal);
    if (answer.status >= 200 && answer.status < 300) return await call.read(answer);
    if (!isTriedAgain(answer.status)) throw await refusalOf(call, answer);
    answer.body.destroy();
    const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], clock.now());
    throw new HttpFault(`status ${answer.status}`, retryAfterMs);
  } catch (error) {
    if (error instanceof HttpFault || error instanceof NewsletterSyncError) throw error;
    if (attempt.signal.aborted) throw new HttpFault(`a time-out after ${timeoutMs} ms`);
    throw isBodyCut(error) ? new HttpFault("a body cut short") : error;
  } finally {
    endTimer();
    listener[Symbol.dispose]();
  }
}

async function refusalOf(call: HttpCall<unknown>, { status, body }: HttpAnswer): Promise<Error> {
  const said = await text(body).catch((error: unknown) => {
    // Sent again, it would be no clearer: the status must do.
    if (isNotCompressed(error)) return "";
    throw error;
  });
  if (call.refused) return call.refused(status, said);
  return new ProviderRefusalError(call.endpoint, status, "the request is not what the provider expects");
}
