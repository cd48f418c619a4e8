import type { BatchAnswer } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { ImportRow } from "./activity-calls.ts";
import type { RunOptions } from "./activity-runner.ts";
import { askAgain } from "./ask-again.ts";
import type { WritingTools } from "./constant-contact-list.ts";
import { type ImportTools, importChanges, importLimits } from "./import-changes.ts";
import { addCounters } from "./import-counters.ts";
import { importFieldsOf } from "./import-fields.ts";
import { removeMembers } from "./remove-members.ts";
import { isImportOf } from "./settle-activities.ts";

/** Applies the changes of one batch: removals first, which wait for nothing. */
export async function writeBatch(
  changes: readonly Change[],
  tools: WritingTools,
  options: RunOptions,
): Promise<BatchAnswer> {
  const removed = changes.filter((change) => change.kind === "unsubscribe");
  const imported = changes.filter(({ kind }) => kind !== "unsubscribe");
  const answers: BatchAnswer[] = [];
  if (removed.length > 0) answers.push(await removeMembers(removed, tools, options));
  if (imported.length > 0) await tools.settleEarlier(options.signal);
  const asked = await askAgain(imported, tools, options.signal);
  for (const part of inParts(imported.filter((change) => !asked.has(change))))
    answers.push(await importChanges(part, jsonTools(tools), options));
  return {
    refused: answers.flatMap(({ refused }) => refused),
    stale: answers.flatMap(({ stale }) => stale),
    unconfirmed: answers.flatMap(({ unconfirmed }) => unconfirmed),
    held: answers.flatMap(({ held }) => held),
    counters: addCounters(answers.map(({ counters }) => counters)),
    attempts: Math.max(0, ...answers.map(({ attempts }) => attempts)),
  };
}

function jsonTools(tools: WritingTools): ImportTools {
  const { client, listId } = tools;
  return {
    ...tools,
    startImport: (prepare, signal) =>
      client.importJson(async () => (await prepare()).map(rowOf), [listId], signal),
    isImport: isImportOf,
  };
}

function rowOf(change: Change): ImportRow {
  return { email: change.email, ...("fields" in change && importFieldsOf(change.fields)) };
}

/** Parts that fit into one import each, in the order of the changes. */
function inParts(changes: readonly Change[]): Change[][] {
  const parts: Change[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    const size = Buffer.byteLength(JSON.stringify(rowOf(change))) + 1;
    const isFull = bytes + size > importLimits.bytes || parts.at(-1)!.length >= importLimits.rows;
    if (isFull) parts.push([]);
    bytes = isFull ? size : bytes + size;
    parts.at(-1)!.push(change);
  }
  return parts;
}
