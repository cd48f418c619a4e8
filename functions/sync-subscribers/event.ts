import * as z from "zod";
import { listNameSchema } from "../configuration.ts";

/** What the function is invoked with: a run of a list, or the application of one stored plan. */
export type SyncEvent =
  | { readonly list: string; readonly mode: "apply" | "plan" }
  | { readonly list: string; readonly apply: string };

export const goodSyncEvent: SyncEvent = { list: "daily", mode: "plan" };

export const syncEventSchema: z.ZodType<SyncEvent> = z
  .strictObject({
    list: listNameSchema,
    mode: z.enum(["apply", "plan"], 'expected "apply" or "plan"').optional(),
    apply: z
      .string()
      .regex(/^[\w-]{1,80}$/, "expected the id of a stored plan")
      .optional(),
  })
  .transform(({ list, mode, apply }, context): SyncEvent => {
    if (apply !== undefined && mode === undefined) return { list, apply };
    if (mode !== undefined && apply === undefined) return { list, mode };
    const message = 'expected either "mode" ("apply" or "plan") or "apply" (the id of a stored plan)';
    context.addIssue({ code: "custom", path: ["mode"], message });
    return z.NEVER;
  });
