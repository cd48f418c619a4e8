import { addAbortListener } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import {
  NewsletterSyncError,
  ProviderContractError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../domain/errors.ts";
import { HttpFault, isBodyCut, networkFault, WrongShapeFault } from "./http-fault.ts";
import { isTriedAgain, parseRetryAfter, waitMs } from "./retry-policy.ts";

/** One call of a provider's API. */
export interface HttpCall<T> {
  /** Names the call in messages: `GET /newsletters/lists/{list}/subscribers`. */
  readonly endpoint: string;
  /** A POST is repeated like a GET: what our calls send sets a state, and setting it twice changes nothing more. */
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Stops the call at once, whatever it is doing; the signal's reason is thrown as it is. */
  readonly signal: AbortSignal;
  /** When the function is ended, in ms since the epoch: nothing is waited for beyond it. */
  readonly deadline?: number | undefined;
  /** Whether the caller itself repeats an earlier call: its first request counts as a repeated one, too. */
  readonly repeats?: boolean;
  /** Called before each request. */
  readonly onSend?: (() => void) | undefined;
  /** Reads the body of a 2xx answer; part of the attempt, so that a body which does not come whole is asked for again. */
  readonly read: (response: Response) => Promise<T>;
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
  /** @default Date.now */
  readonly now?: () => number;
  /** @default a timer that the signal ends */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** @default Math.random */
  readonly random?: () => number;
}

/** The edge to a provider's API: Node's fetch, tried again by the policy of retry-policy.ts. Counts its requests. */
export function createHttp(options: HttpOptions): Http {
  const { timeoutMs, retries, now = Date.now, random = Math.random } = options;
  const wait = options.sleep ?? ((ms, signal) => sleep(ms, undefined, { signal }));
  const requests = { sent: 0, retried: 0 };

  async function request<T>(call: HttpCall<T>): Promise<T> {
    const { deadline = Number.POSITIVE_INFINITY, signal } = call;
    const tried = { attempts: 0, misshapen: 0 };
    const attempt = () => {
      requests.sent++;
      if (tried.attempts++ > 0 || call.repeats) requests.retried++;
      call.onSend?.();
      return answerTo(call, { timeoutMs: Math.min(timeoutMs, Math.max(1, deadline - now())), now });
    };
    const shouldRetry = async ({ error }: { error: Error }) => {
      if (!(error instanceof HttpFault)) return false;
      const ms = waitMs(tried.attempts, error.retryAfterMs, random());
      if (now() + ms >= deadline) throw new HttpFault(`${error.message}; no time was left for another`);
      await wait(ms, signal);
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

async function answerTo<T>(
  call: HttpCall<T>,
  { timeoutMs, now }: { timeoutMs: number; now: () => number },
): Promise<T> {
  // A controller of the attempt's own, not AbortSignal.any: its time-out must end when a stream's reading begins.
  const attempt = new AbortController();
  const listener = addAbortListener(call.signal, () => attempt.abort());
  const timer = setTimeout(() => attempt.abort(), timeoutMs);
  try {
    const response = await send(call, attempt.signal);
    if (response.ok) return await call.read(response);
    if (!isTriedAgain(response.status)) throw await refusalOf(call, response);
    await response.body?.cancel();
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now());
    throw new HttpFault(`status ${response.status}`, retryAfterMs);
  } catch (error) {
    if (error instanceof HttpFault || error instanceof NewsletterSyncError) throw error;
    if (attempt.signal.aborted) throw new HttpFault(`a time-out after ${timeoutMs} ms`);
    throw isBodyCut(error) ? new HttpFault("a body cut short") : error;
  } finally {
    clearTimeout(timer);
    listener[Symbol.dispose]();
  }
}

async function send(
  { url, method, headers, body }: HttpCall<unknown>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    // A redirect is an answer like another: following it would turn a POST into a GET and hand our token on.
    return await fetch(url, {
      method,
      headers: headers ?? {},
      body: body ?? null,
      redirect: "manual",
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw networkFault(error);
  }
}

async function refusalOf(call: HttpCall<unknown>, response: Response): Promise<Error> {
  const body = await response.text();
  if (call.refused) return call.refused(response.status, body);
  return new ProviderRefusalError(
    call.endpoint,
    response.status,
    "the request is not what the provider expects",
  );
}
