import { findList, type ListConfiguration } from "../configuration.ts";
import { canonicalEmail, isDeliverable } from "../domain/email.ts";
import { note, type Run } from "../platform/run.ts";
import { type HashedReader, hashReader, type ReaderHash } from "../platform/storage/history/reader-hash.ts";
import { type EraseDependencies, eraseReader } from "./erase-reader.ts";
import { goodLookUpEvent, type LookUpEvent } from "./event.ts";
import { readerPage } from "./reader-page.ts";
import type { LookUpReport } from "./report.ts";
import { type ListTold, tellOfList } from "./tell-reader.ts";

export interface LookUpDependencies extends EraseDependencies {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
  /** Reads the key with which runs hash addresses. */
  readHash(): Promise<ReaderHash>;
}

/** What whoever asks is told; neither logged nor stored. */
export interface ReaderAnswer {
  readonly email: string;
  readonly told: Readonly<Record<string, ListTold>>;
  /** The same as a page in Markdown. */
  readonly page: string;
}

/** Whoever is erased so is in nothing but rows that were set aside. */
const wronglyTyped =
  "no provider takes this address as it was typed: is there something in it that does not belong to it?";

/** Enough to tell readers apart in reports. */
const shownCharacters = 16;

/**
 * Tells all that is known of one reader, or erases it. The report names the reader by a hash.
 *
 * @throws InvalidEventError for a list that does not exist; of an erasure, as eraseReader; of the key, CredentialError
 */
export async function lookUpReader(
  event: LookUpEvent,
  dependencies: LookUpDependencies,
  run: Run<LookUpReport>,
): Promise<void> {
  const { lists, readHash } = dependencies;
  const { report } = run;
  const names = event.list === undefined ? Object.keys(lists) : [event.list];
  for (const name of names) findList(lists, name, goodLookUpEvent);
  report.lists = names;
  report.notes = [];
  const canonical = canonicalEmail(event.email);
  if (!isDeliverable(canonical)) note(run, wronglyTyped);
  try {
    const reader = hashReader(await readHash(), canonical);
    report.reader = Buffer.from(reader.hash, "latin1").toString("hex").slice(0, shownCharacters);
    if (event.erase) await eraseReader(event, { dependencies, reader }, run);
    else run.answer = await tell(event.email, names, { dependencies, reader, run });
  } finally {
    report.ms = run.now().getTime() - run.startedAt.getTime();
  }
}

interface Telling {
  readonly dependencies: LookUpDependencies;
  readonly reader: HashedReader;
  readonly run: Run<LookUpReport>;
}

/** One list after the other, as each is held in memory whole. */
async function tell(
  email: string,
  names: readonly string[],
  { dependencies, reader, run }: Telling,
): Promise<ReaderAnswer> {
  const told: Record<string, ListTold> = {};
  for (const name of names) {
    if (run.signal.aborted) {
      const inWords = "not looked at, as the time was over: ask about this list alone";
      told[name] = { inWords, history: [], gaps: [] };
      note(run, `${name}: ${inWords}`);
      continue;
    }
    const configuration = dependencies.lists[name]!;
    told[name] = await tellOfList({ name, configuration }, { email, reader }, { dependencies, run });
    const { problem, gaps } = told[name];
    if (problem !== undefined) note(run, `${name}: the two sides could not be read: ${problem}`);
    if (gaps.length > 0) note(run, `${name}: the history has gaps: ${gaps.length}`);
  }
  return { email, told, page: readerPage(email, told, run.now()) };
}
