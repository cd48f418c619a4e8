import { InvalidEventError } from "../domain/errors.ts";
import type { ApplyEvent } from "./apply-event.ts";
import type { NamedList } from "./named-list.ts";

type WhoApproves = Pick<ApplyEvent, "approvedBy">;

/** Stands for the name in an event that is shown to be copied. */
const yourName = "YOUR NAME";

/** What an event that is shown needs beside the rest: a place for the name, if the list requires one. */
export function placeForName({ configuration }: NamedList): WhoApproves {
  return configuration.requireApprovedBy ? { approvedBy: yourName } : {};
}

/** @throws InvalidEventError when the list requires the name of who approves, and the event has none */
export function requireName<Event extends WhoApproves>(
  { name, configuration }: NamedList,
  event: Event,
): void {
  const { approvedBy } = event;
  if (!configuration.requireApprovedBy || (approvedBy !== undefined && approvedBy !== yourName)) return;
  const problem = `approvedBy: missing, as the list "${name}" requires the name of who approves`;
  throw new InvalidEventError(problem, { ...event, approvedBy: yourName });
}
