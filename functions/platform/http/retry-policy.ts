const waits = { firstMs: 500, longestMs: 20_000, longestAskedForMs: 60_000 };
const passingRefusals: readonly number[] = [408, 425, 429];

/**
 * What is tried again:
 *
 * | what happened | tried again after |
 * |---|---|
 * | network fault, time-out, body cut short | a backoff |
 * | body that is not JSON, or of the wrong shape | a backoff |
 * | 408, 425, 429, 5xx | what Retry-After asks for, a minute at the most; else a backoff |
 * | any other status but 2xx | never |
 * | the caller's signal fired | never |
 *
 * A backoff is drawn evenly between nothing and a bound that doubles from half a second to 20 seconds, so that
 * calls which failed together do not come back together. A wait that would end after the deadline is not begun.
 */
export function isTriedAgain(status: number): boolean {
  return status >= 500 || passingRefusals.includes(status);
}

/**
 * @param failed how many attempts have failed
 * @param random from 0 to 1
 * @returns how long to wait before the next attempt, in ms
 */
export function waitMs(failed: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, waits.longestAskedForMs);
  return random * Math.min(waits.firstMs * 2 ** (failed - 1), waits.longestMs);
}

/**
 * What a Retry-After header asks for (RFC 9110, 10.2.3): seconds, or an HTTP date.
 *
 * @param now ms since the epoch
 * @returns ms, never negative; undefined when there is no header or it says neither
 */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = header.endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
