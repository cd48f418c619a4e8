import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import { type ApplyEvent, applyEventOf, applyFields, approvesNothing } from "../planning/apply-event.ts";
import { type BackfillEvent, backfillFields } from "../platform/backfill.ts";
import { type ScheduledEvent, scheduledFields } from "../platform/scheduled-event.ts";

/** What the function is invoked with: a run of a list, or the application of one stored plan. */
export type SyncEvent = RunEvent | (ApplyEvent & BackfillEvent);

interface RunEvent extends ScheduledEvent, BackfillEvent {
  readonly list: string;
  readonly mode: SyncMode;
}

/** Everything, nothing, or what the database is to be told and nothing else. */
const syncModes = ["apply", "plan", "return"] as const;
export type SyncMode = (typeof syncModes)[number];

export const goodSyncEvent: SyncEvent = { list: "daily", mode: "plan" };

export const syncEventSchema: z.ZodType<SyncEvent> = z
  .strictObject({
    list: listNameSchema,
    mode: z.enum(syncModes, 'expected "apply", "plan" or "return"').optional(),
    ...scheduledFields,
    ...backfillFields,
    ...applyFields,
  })
  .transform(({ list, mode, scheduledAt, backfill, ...approval }, context): SyncEvent => {
    const continued = backfill && { backfill };
    if (mode !== undefined && approvesNothing(approval))
      return { list, mode, ...(scheduledAt && { scheduledAt }), ...continued };
    const approving = applyEventOf(list, approval);
    if (approving !== undefined && mode === undefined && scheduledAt === undefined)
      return { ...approving, ...continued };
    const message =
      'expected either "mode" ("apply", "plan" or "return"), or "apply" (the id of a stored plan), with "approve" (limits) ' +
      'and "approvedBy" (a name) beside it';
    context.addIssue({ code: "custom", path: ["mode"], message });
    return z.NEVER;
  });
