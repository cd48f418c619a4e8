import * as z from "zod";
import { listNameSchema } from "../configuration.ts";
import { type ApplyEvent, applyEventOf, applyFields, approvesNothing } from "../planning/apply-event.ts";
import { type BackfillEvent, backfillFields } from "../platform/backfill.ts";
import { type ScheduledEvent, scheduledFields } from "../platform/scheduled-event.ts";

/** What the function is invoked with: an import of a list, or the approval of one that is stored. */
export type ImportEvent = RunEvent | (ApplyEvent & BackfillEvent);

interface RunEvent extends ScheduledEvent, BackfillEvent {
  readonly list: string;
  readonly dryRun?: boolean;
}

export const goodImportEvent = { list: "daily" };

export const importEventSchema: z.ZodType<ImportEvent> = z
  .strictObject({
    list: listNameSchema,
    /** Whether the files are only written, and not announced to the provider. */
    dryRun: z.boolean("expected true or false").optional(),
    ...scheduledFields,
    ...backfillFields,
    ...applyFields,
  })
  .transform(({ list, dryRun, scheduledAt, backfill, ...approval }, context): ImportEvent => {
    const continued = backfill && { backfill };
    if (approvesNothing(approval))
      return {
        list,
        ...(dryRun !== undefined && { dryRun }),
        ...(scheduledAt && { scheduledAt }),
        ...continued,
      };
    const approving = applyEventOf(list, approval);
    if (approving !== undefined && dryRun === undefined && scheduledAt === undefined)
      return { ...approving, ...continued };
    const message =
      'expected "apply" (the id of a stored import) beside "approve" (limits) and "approvedBy" (a name), and no "dryRun"';
    context.addIssue({ code: "custom", path: ["apply"], message });
    return z.NEVER;
  });
