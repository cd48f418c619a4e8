import type { PlanSummary } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import { nameOf } from "../domain/unforeseen-error.ts";
import { note } from "../platform/run.ts";
import { approvalOf, checkPlan } from "./check-plan.ts";
import type { ListJob } from "./list-job.ts";
import { planMarkdown } from "./plan-markdown.ts";
import type { Samples } from "./shown-plan.ts";
import { writeSummary } from "./stored-summary.ts";

/** A plan whose rows are stored. */
export interface PlanToStore {
  readonly plan: PlanSummary;
  readonly samples: Samples;
  /** Where its summary goes, and the text that a person reads. */
  readonly keys: { readonly summary: string; readonly text: string };
}

type StoringJob = Pick<ListJob<{ notes: readonly string[] }>, "list" | "memory" | "store" | "run">;

/** Checks a plan, and stores its summary and its text. @returns the limits that it exceeds */
export async function storePlan({ plan, samples, keys }: PlanToStore, job: StoringJob): Promise<Refusal[]> {
  const { store, run } = job;
  const refusals = await checkPlan(job, plan);
  const writeText = async () => {
    const text = planMarkdown(plan, samples, { refusals, event: approvalOf(plan, refusals, job.list) });
    await store.put(keys.text, Buffer.from(text));
  };
  // No reader waits for what only helps a person to decide.
  const noteMissing = (error: unknown) => note(run, `${keys.text} could not be written: ${nameOf(error)}`);
  await Promise.all([writeSummary(store, keys.summary, plan), writeText().catch(noteMissing)]);
  return refusals;
}
