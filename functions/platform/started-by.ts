import type { BackfillEvent } from "./backfill.ts";
import { isScheduled } from "./scheduled-event.ts";

/** What started a run: its schedule, a backfill, messages of a queue, a person, or a person who approved a stored plan. */
export const starters = ["schedule", "backfill", "queue", "hand", "approval"] as const;
export type StartedBy = (typeof starters)[number];

/** Tells it by the run's event. */
export function startedBy(event: object): StartedBy {
  if (isScheduled(event)) return "schedule";
  if ((event as BackfillEvent).backfill !== undefined) return "backfill";
  if ("messages" in event) return "queue";
  return "apply" in event ? "approval" : "hand";
}
