import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import { type LimitName, limitNames } from "../domain/safety.ts";

/** What the function is invoked with: a run of a list, or the application of one stored plan. */
export type SyncEvent = { readonly list: string; readonly mode: "apply" | "plan" } | ApplyEvent;

/** Applies a stored plan: what a person approves that passes these limits, or what passes none. */
export interface ApplyEvent {
  readonly list: string;
  /** The plan's id. */
  readonly apply: string;
  readonly approve?: readonly LimitName[];
}

export const goodSyncEvent: SyncEvent = { list: "daily", mode: "plan" };

export const syncEventSchema: z.ZodType<SyncEvent> = z
  .strictObject({
    list: listNameSchema,
    mode: z.enum(["apply", "plan"], 'expected "apply" or "plan"').optional(),
    apply: z
      .string()
      .regex(/^[\w-]{1,80}$/, "expected the id of a stored plan")
      .optional(),
    approve: z
      .array(z.enum(limitNames, `expected limits: ${limitNames.join(", ")}`))
      .min(1, "expected at least one limit")
      .optional(),
  })
  .transform(({ list, mode, apply, approve }, context): SyncEvent => {
    if (mode !== undefined && apply === undefined && approve === undefined) return { list, mode };
    if (mode === undefined && apply !== undefined) return { list, apply, ...(approve && { approve }) };
    const message =
      'expected either "mode" ("apply" or "plan"), or "apply" (the id of a stored plan), with "approve" (limits) beside it';
    context.addIssue({ code: "custom", path: ["mode"], message });
    return z.NEVER;
  });
