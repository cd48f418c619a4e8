import type { Chance } from "./chance.ts";

const minuteMs = 60_000;

/** Runs may meet, follow each other closely, or wait for hours or days. */
export function pauseMs(chance: Chance): number {
  switch (chance.pick(["none", "minutes", "minutes", "hours", "days"] as const)) {
    case "none":
      return chance.between(0, 3_000);
    case "minutes":
      return chance.between(1, 20) * minuteMs;
    case "hours":
      return chance.between(1, 30) * 60 * minuteMs;
    case "days":
      return chance.between(1, 10) * 24 * 60 * minuteMs;
  }
}
