import * as z from "zod";
import { type LimitName, limitNames } from "../domain/safety.ts";

/** Applies a stored plan: what a person approves that exceeds these limits, or what exceeds none. */
export interface ApplyEvent {
  readonly list: string;
  /** The plan's id. */
  readonly apply: string;
  readonly approve?: readonly LimitName[];
}

/** The fields of such an event, beside the list. */
export const applyFields = {
  apply: z
    .string()
    .regex(/^[\w-]{1,80}$/, "expected the id of a stored plan")
    .optional(),
  approve: z
    .array(z.enum(limitNames, `expected limits: ${limitNames.join(", ")}`))
    .min(1, "expected at least one limit")
    .optional(),
};
