import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import { type ApplyEvent, applyFields } from "../planning/apply-event.ts";

/** What the function is invoked with: a run of a list, or the application of one stored plan. */
export type SyncEvent = { readonly list: string; readonly mode: "apply" | "plan" } | ApplyEvent;

export const goodSyncEvent: SyncEvent = { list: "daily", mode: "plan" };

export const syncEventSchema: z.ZodType<SyncEvent> = z
  .strictObject({
    list: listNameSchema,
    mode: z.enum(["apply", "plan"], 'expected "apply" or "plan"').optional(),
    ...applyFields,
  })
  .transform(({ list, mode, apply, approve }, context): SyncEvent => {
    if (mode !== undefined && apply === undefined && approve === undefined) return { list, mode };
    if (mode === undefined && apply !== undefined) return { list, apply, ...(approve && { approve }) };
    const message =
      'expected either "mode" ("apply" or "plan"), or "apply" (the id of a stored plan), with "approve" (limits) beside it';
    context.addIssue({ code: "custom", path: ["mode"], message });
    return z.NEVER;
  });
