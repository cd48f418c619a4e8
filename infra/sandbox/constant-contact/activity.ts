import * as z from "zod";

export const terminalStates = ["completed", "cancelled", "failed", "timed_out"] as const;

const planSchema = z.strictObject({
  /** How many times it is seen unfinished. @default 0 */
  polls: z.int().nonnegative().optional(),
  /** How long it takes, by the sandbox's clock. @default 0 */
  ms: z.int().nonnegative().optional(),
  /** How it ends, if it does. @default "completed" */
  ends: z.enum([...terminalStates, "never"]).optional(),
  /** Which part of its items is done when it ends. @default all if it is completed, else none */
  done: z.number().min(0).max(1).optional(),
});

/** How an activity goes. */
export type ActivityPlan = z.infer<typeof planSchema>;

/** A plan without gaps. */
export type CompletePlan = { readonly [name in keyof ActivityPlan]-?: NonNullable<ActivityPlan[name]> };

export const activityPlansSchema = z.array(planSchema);

export type ActivityState = "initialized" | "processing" | (typeof terminalStates)[number];

/** What an activity counts, and the errors that it names. */
export interface WorkResult {
  readonly status: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

/** What an activity does when its time has come. */
export interface Work {
  readonly kind: string;
  readonly items: number;
  readonly sourceFileName?: string;
  /** Does the first `count` of the items. */
  run(count: number, at: Date): WorkResult;
}
