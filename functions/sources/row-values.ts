import { parseInstant } from "../platform/parse-instant.ts";

/** What a row says about whether its reader is subscribed. */
export type Answer = "yes" | "no" | "undecided" | "unclear";

export interface ConsentOptions {
  /** Of times without an offset. */
  readonly timeZone: string;
  /** When the source was read, in ms since the epoch. */
  readonly readAt: number;
}

const clockSkewMs = 5 * 60 * 1000;
const answers: ReadonlyMap<string, Answer> = new Map([
  ...["", "true", "t", "1", "yes", "y"].map((word) => [word, "yes"] as const),
  ...["false", "f", "0", "no", "n"].map((word) => [word, "no"] as const),
]);
export const expectedAnswer = "expected true, t, 1, yes, y, false, f, 0, no, n or nothing";

/** NULL is not a word, unlike a blank text, which is yes. */
export function parseAnswer(value: string | null): Answer {
  if (value === null) return "undecided";
  return answers.get(value) ?? answers.get(value.trim().toLowerCase()) ?? "unclear";
}

/** The cause of an unsubscription, as it may be sent. */
export function parseCause(value: string): "READER" | "PUBLISHER" {
  return value.trim().toUpperCase() === "READER" ? "READER" : "PUBLISHER";
}

/**
 * A consent overrules opt-outs, so one that cannot be is none: a text that is not a time (`infinity`, `0000-00-00`), and a
 * time that is later than the reading, beyond what two clocks may differ by.
 *
 * @returns ms since the epoch; undefined for no consent
 */
export function parseConsent(value: string, { timeZone, readAt }: ConsentOptions): number | undefined {
  const instant = parseInstant(value.trim(), timeZone);
  return instant !== undefined && instant <= readAt + clockSkewMs ? instant : undefined;
}
