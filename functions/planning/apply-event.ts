import * as z from "zod";
import { type LimitName, limitNames } from "../domain/limits.ts";

/** Applies a stored plan: what a person approves that exceeds these limits, or what exceeds none. */
export interface ApplyEvent {
  readonly list: string;
  /** The plan's id. */
  readonly apply: string;
  readonly approve?: readonly LimitName[];
  /** Who approves, for the report. */
  readonly approvedBy?: string;
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
  approvedBy: z
    .string()
    .trim()
    .regex(
      /^[^@\p{C}\p{Zl}\p{Zp}]{1,100}$/u,
      "expected a name of at most 100 characters without an @, as reports hold no address",
    )
    .optional(),
};

type ApplyFields = z.infer<z.ZodObject<typeof applyFields>>;

/** The event that these fields make; undefined if they are those of no approval. */
export function applyEventOf(
  list: string,
  { apply, approve, approvedBy }: ApplyFields,
): ApplyEvent | undefined {
  if (apply === undefined) return undefined;
  return { list, apply, ...(approve && { approve }), ...(approvedBy !== undefined && { approvedBy }) };
}

export function approvesNothing({ apply, approve, approvedBy }: ApplyFields): boolean {
  return apply === undefined && approve === undefined && approvedBy === undefined;
}
