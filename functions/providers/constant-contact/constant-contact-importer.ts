import { randomUUID } from "node:crypto";
import pMap from "p-map";
import type { BatchAnswer } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import { findDiscrepancies } from "../../domain/reconcile.ts";
import type { ImportAnswer, Importer, ImportFile } from "../importer.ts";
import { type ConstantContactListOptions, openList, type WritingTools } from "./constant-contact-list.ts";
import { throwingReason } from "./constant-contact-provider.ts";
import { type CsvPart, csvOf, csvParts } from "./csv-parts.ts";
import { importChanges } from "./import-changes.ts";
import { writeBatch } from "./write-batch.ts";

/** How many of the provider's imports are waited for at the same time. */
const concurrency = 4;
/** How many readers are taken off the list before the next ones are made. */
const removedAtOnce = 10_000;

/** Imports into one list at Constant Contact, which takes files instead of fetching them, and much smaller ones. */
export function createConstantContactImporter(options: ConstantContactListOptions): Importer {
  const { requests, mirrored, writingTools } = openList(options);

  async function importFile(file: ImportFile, { since, signal }: { since: number; signal: AbortSignal }) {
    const tools = await writingTools(since, signal);
    const answers =
      file.kind === "unsubscribe" ? removeAll(file, tools, signal) : importAll(file, tools, signal);
    const tally = tallyOf(await answers);
    if (tally.refused > 0) options.note(`rows of an import that the provider refused: ${tally.refused}`);
    for (const { counter, predicted, answered } of tally.discrepancies) {
      options.note(`the provider's imports have ${answered} as ${counter}, but it should be ${predicted}`);
    }
    const answer: ImportAnswer = { id: "unknown", status: "completed" };
    return answer;
  }

  return {
    clearsFields: false,
    requests,
    countSubscribers: (signal) => throwingReason(signal, () => mirrored.count(signal)),
    readPages: (reading) => mirrored.pages(reading),
    importFile: (file, reading) => throwingReason(reading.signal, () => importFile(file, reading)),
  };
}

async function removeAll(file: ImportFile, tools: WritingTools, signal: AbortSignal): Promise<BatchAnswer[]> {
  const answers: BatchAnswer[] = [];
  for (const changes of slices(file.changes(), removedAtOnce)) {
    answers.push(await writeBatch(changes, tools, { signal }));
  }
  return answers;
}

async function importAll(file: ImportFile, tools: WritingTools, signal: AbortSignal): Promise<BatchAnswer[]> {
  await tools.settleEarlier(signal);
  return pMap(csvParts(file.changes()), (part) => importPart(part, tools, signal), { concurrency });
}

function importPart(part: CsvPart, tools: WritingTools, signal: AbortSignal): Promise<BatchAnswer> {
  const { client, listId } = tools;
  const name = `${randomUUID()}.csv`;
  const makeFile = (changes: readonly Change[]) => new File([csvOf({ ...part, changes })], name);
  return importChanges(
    part.changes,
    {
      ...tools,
      startImport: (prepare) => client.importCsv(async () => makeFile(await prepare()), [listId], signal),
      isImport: ({ fileName }) => fileName === name,
    },
    { signal },
  );
}

function tallyOf(answers: readonly BatchAnswer[]) {
  return {
    refused: answers.reduce((sum, { refused }) => sum + refused.length, 0),
    discrepancies: answers.flatMap((answer, index) => findDiscrepancies(index + 1, answer)),
  };
}

function* slices<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let slice: T[] = [];
  for (const one of all) {
    slice.push(one);
    if (slice.length < size) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
