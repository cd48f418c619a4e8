import * as z from "zod";
import { pagedFunctions, type ReportName, reportNameIn } from "../platform/storage/page-keys.ts";

/** Draws the page of a run and the index; or makes the index anew of all reports that stand. */
export type ShowEvent = { readonly report: ReportName } | { readonly rebuild: true };

export const goodShowEvent = { report: "reports/sync-subscribers/daily/20260301T090000Z-07a615b6.json" };

const reportSchema = z.string().transform((key, context): ReportName => {
  const name = reportNameIn(key);
  if (name !== undefined) return name;
  context.addIssue({ code: "custom", message: "expected the key of a run's report" });
  return z.NEVER;
});

/** What S3 tells EventBridge of a new object: of all that, the key. */
const createdSchema = z
  .looseObject({ detail: z.looseObject({ object: z.looseObject({ key: reportSchema }) }) })
  .transform(({ detail }): ShowEvent => ({ report: detail.object.key }));

export const showEventSchema: z.ZodType<ShowEvent> = z.union(
  [createdSchema, z.strictObject({ report: reportSchema }), z.strictObject({ rebuild: z.literal(true) })],
  `expected {"report":…} with the key of a report of ${pagedFunctions.join(", ")}, {"rebuild":true}, or what S3 tells of such a report`,
);
