import { isScheduled } from "./scheduled-event.ts";

/** What started a run: its schedule, a person, or a person who approved a stored plan. */
export type StartedBy = "schedule" | "hand" | "approval";

/** Tells it by the run's event. */
export function startedBy(event: object): StartedBy {
  if (isScheduled(event)) return "schedule";
  return "apply" in event ? "approval" : "hand";
}
