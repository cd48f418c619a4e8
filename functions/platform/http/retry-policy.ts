const delays = { firstMs: 500, longestMs: 20_000 };
/** Who asks for more time than this is asked again by another run. */
const longestRequestedMs = 300_000;
const throttled = 429;
const transientStatuses: readonly number[] = [408, 425, throttled];

/**
 * What is retried:
 *
 * | what happened | retried after |
 * |---|---|
 * | network fault, timeout, body cut short | a backoff |
 * | body that is not JSON, or has the wrong shape | a backoff |
 * | 408, 425, 429, 5xx | what Retry-After asks for, or never if that is more than five minutes; without it a backoff |
 * | any other status than 2xx | never |
 * | the caller's signal fired | never |
 *
 * The backoff is random, between zero and a bound that doubles from half a second to 20 seconds, so that calls which
 * failed together are not retried together. A wait that would end after the deadline is not started.
 */
export function isRetryable(status: number): boolean {
  return status >= 500 || transientStatuses.includes(status);
}

/** Whether a status says that there are too many requests, whatever they ask for. */
export function isThrottled(status: number): boolean {
  return status === throttled;
}

/**
 * @param failed how many attempts have failed
 * @param random from 0 to 1
 * @returns the delay before the next attempt, in ms; infinite if there should be none
 */
export function retryDelayMs(failed: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined)
    return retryAfterMs <= longestRequestedMs ? retryAfterMs : Number.POSITIVE_INFINITY;
  return random * Math.min(delays.firstMs * 2 ** (failed - 1), delays.longestMs);
}

/**
 * Parses a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date.
 *
 * @param now ms since the epoch
 * @returns ms, never negative; undefined when the header is missing or invalid
 */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = header.endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
