import type * as z from "zod";
import { InvalidEventError } from "../domain/errors.ts";
import { describeIssue, tellKnownFields } from "./describe-issue.ts";

/** The events that a function takes. */
export interface EventDefinition<Event> {
  readonly schema: z.ZodType<Event>;
  /** Is shown to whoever sends another one. */
  readonly good: object;
}

/** @throws InvalidEventError that names every field which is not right */
export function parseEvent<Event>({ schema, good }: EventDefinition<Event>, received: unknown): Event {
  const parsed = schema.safeParse(received, tellKnownFields);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(describeIssue);
  throw new InvalidEventError(`the event is not right: ${problems.join("; ")}`, good);
}
