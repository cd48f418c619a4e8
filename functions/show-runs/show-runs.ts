import * as z from "zod";
import { planSummarySchema } from "../domain/plan.ts";
import { UnusablePlanError } from "../domain/plan-errors.ts";
import { readSamples } from "../planning/plan-rows.ts";
import { planSummaryKey, reportKey } from "../platform/storage/object-keys.ts";
import { indexPageKey, planPageKey, type ReportName, runPageKey } from "../platform/storage/page-keys.ts";
import type { ShowEvent } from "./event.ts";
import { indexPage } from "./index-page.ts";
import { addToIndex, type IndexDependencies, putIndexPage, rebuildIndex } from "./keep-index.ts";
import type { Runbook } from "./next-steps.ts";
import { contentType } from "./page.ts";
import { planPage } from "./plan-page.ts";
import type { RunIndex } from "./run-index.ts";
import { runPage } from "./run-page.ts";
import { readReport, type ShownReport } from "./shown-report.ts";

export interface ShowDependencies extends IndexDependencies {
  /** Where the runbook is; undefined if only the project has it. */
  readonly runbook: Runbook;
  /** What a function has from Lambda, if that is known. */
  memoryMbOf(functionName: string): number | undefined;
}

/** The keys of the pages that were drawn. */
export interface Shown {
  readonly run?: string;
  readonly plan?: string;
  readonly index?: string;
  /** The report that was to be shown and does not stand: it has expired, or never was. */
  readonly missing?: string;
}

/**
 * Draws the page of a run, that of its plan, and the index. To draw them again does no harm; a report that has expired since
 * the event was sent has no page.
 */
export async function showRuns(event: ShowEvent, dependencies: ShowDependencies): Promise<Shown> {
  if ("rebuild" in event) return await showIndex(await rebuildIndex(dependencies), dependencies);
  const { store, runbook, memoryMbOf } = dependencies;
  const name = event.report;
  const key = reportKey(name.functionName, name.subject, name.runId);
  const stored = await store.get(key);
  if (stored === undefined) return { missing: key };
  const read = readReport(stored.bytes);
  const plan = await showPlan(name, read.report, dependencies);
  const page = runPage(name, read, { runbook, memoryMb: memoryMbOf(name.functionName), planPage: plan });
  const run = runPageKey(name);
  await store.put(run, page, { contentType });
  const index = await addToIndex({ name, report: read.report, hasPage: true }, dependencies);
  return { run, ...(plan !== undefined && { plan }), ...(await showIndex(index, dependencies)) };
}

async function showIndex(index: RunIndex, dependencies: ShowDependencies): Promise<Shown> {
  await putIndexPage({ bytes: indexPage(index), revision: index.revision }, dependencies);
  return { index: indexPageKey };
}

/** Draws the plan that a sync made. @returns its key; undefined if there is none, or if it has expired or was altered */
async function showPlan(
  name: ReportName,
  report: ShownReport,
  { store, runbook }: ShowDependencies,
): Promise<string | undefined> {
  const { planId, planText, approval } = report;
  if (name.functionName !== "sync-subscribers" || planId === undefined || planText === undefined)
    return undefined;
  const key = planPageKey(name.subject, planId);
  // It is another run's, whose page has it.
  if (approval !== undefined) return key;
  const stored = await store.get(planSummaryKey(name.subject, planId));
  if (stored === undefined) return undefined;
  try {
    const plan = planSummarySchema.parse(JSON.parse(Buffer.from(stored.bytes).toString()));
    const samples = await readSamples(store, plan);
    await store.put(key, planPage({ plan, samples, report, name, runbook }), { contentType });
    return key;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** A plan that was altered, or that another version of this project has stored. */
function isUnreadable(error: unknown): boolean {
  return error instanceof UnusablePlanError || error instanceof SyntaxError || error instanceof z.ZodError;
}
