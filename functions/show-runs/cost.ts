import { inDigits } from "../platform/run-summary.ts";
import { durationOf } from "./words.ts";

/** What Lambda takes for a GB-second on Arm, by AWS's price list for Europe (Ireland) in November 2026. */
const dollarsPerGbSecond = 0.0000133334;

/** What Lambda takes for a run, and how that is computed. */
export function costOf(ms: number, memoryMb: number): { readonly text: string; readonly how: string } {
  const dollars = (memoryMb / 1024) * (ms / 1000) * dollarsPerGbSecond;
  return {
    text: `${dollars < 0.01 ? "less than a cent" : `about ${(100 * dollars).toFixed(0)} cents`} (${inDollars(dollars)} dollars)`,
    how:
      `Lambda alone, by its list price: ${durationOf(ms)} with ${inDigits(memoryMb)} MB, at ${dollarsPerGbSecond.toFixed(10)} ` +
      "dollars a GB-second. Without S3, logs, alarms and taxes.",
  };
}

function inDollars(dollars: number): string {
  return dollars.toFixed(6);
}
