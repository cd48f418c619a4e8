import * as z from "zod";
import type { Failure } from "./run-summary.ts";
import { starters } from "./started-by.ts";

/** The source of every event that a run puts on the bus. */
export const eventSource = "newsletter-sync";

/** What a rule matches first: one for each run, and of several that apply the one that is most urgent. */
export const runEventTypes = {
  finished: "run finished",
  failed: "run failed",
  /** Some of a plan waits for a person. Everything else was done. */
  planRefused: "plan refused",
  /** A schedule's run only looked, as nobody has approved a plan of the list yet. */
  firstPlanWaits: "first plan waits",
} as const;
type RunEventType = (typeof runEventTypes)[keyof typeof runEventTypes];

/** What an event tells of a run. It holds no address. */
export const runDetailSchema = z.strictObject({
  environment: z.string(),
  function: z.string(),
  /** Or whatever else the function works on. */
  list: z.string(),
  run: z.string(),
  outcome: z.enum(["succeeded", "failed"]),
  startedBy: z.enum(starters),
  summary: z.string(),
  /** Each function has its own. */
  counts: z.record(z.string(), z.int().nonnegative()),
  /** Of a failed run. */
  error: z.strictObject({ name: z.string(), actor: z.string(), message: z.string() }).optional(),
  /** A key of the exchange bucket, as is `plan`. */
  report: z.string(),
  /** What a person reads of the plan. */
  plan: z.string().optional(),
});
export type RunDetail = z.infer<typeof runDetailSchema>;

/** An event on its way to the bus, which adds the environment. */
export interface RunEvent {
  readonly type: RunEventType;
  readonly detail: Omit<RunDetail, "environment">;
}

/** What is known of every run at its end. */
export interface RunEnding extends Omit<RunEvent["detail"], "counts" | "error" | "plan"> {
  readonly error: Failure | undefined;
}

/** What only the job can tell of its run. */
export interface RunOutline extends Pick<RunDetail, "counts" | "plan"> {
  readonly firstPlanWaits?: boolean;
}

/** Longer messages are cut: the report has all of them, and a chat takes no more. */
const maxMessageLength = 2000;

export function runEventOf({ error, ...ending }: RunEnding, outline: RunOutline): RunEvent {
  const { counts, plan, firstPlanWaits } = outline;
  const type =
    error === undefined
      ? runEventTypes[firstPlanWaits ? "firstPlanWaits" : "finished"]
      : runEventTypes[error.actor === "approver" ? "planRefused" : "failed"];
  const told = error && { ...error, message: error.message.slice(0, maxMessageLength) };
  const detail = { ...ending, counts, ...(told && { error: told }), ...(plan !== undefined && { plan }) };
  return { type, detail };
}
