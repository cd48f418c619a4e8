import type { ListConfiguration } from "../configuration.ts";
import { DesiredMatcher } from "../domain/diff/desired-matcher.ts";
import { Differences } from "../domain/diff/differences.ts";
import type { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import type { OddRow } from "../domain/odd-rows.ts";
import { note, type Run } from "../platform/run.ts";
import type { ReadableList } from "../providers/provider.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import { type RejectedRows, SourceMatching } from "./match-source.ts";
import { readWholeList } from "./read-whole-list.ts";

export interface ReadDependencies {
  readonly provider: ReadableList;
  readonly quarantine: RejectedRows;
  openSource(): Promise<SourceReading>;
}

export interface BothSidesOptions {
  readonly configuration: ListConfiguration;
  /**
   * Whoever subscribed at or after this time (ms since the epoch) did so after the source was read.
   *
   * @default when this reading's snapshot of the source was taken
   */
  readonly sourceReadAt?: number;
}

/** Both sides of a list, matched address by address and ready to be planned. */
export interface BothSides {
  readonly differences: Differences;
  /** The time whose state of the database was matched, in ms since the epoch. */
  readonly sourceReadAt: number;
  /** How many rows of the source were set aside. */
  readonly rejectedRows: number;
  /** How many rows of the source go without their consent. */
  readonly unreadableConsents: number;
}

/** What a reading adds to a run's report. */
interface ReadReport {
  /** The time of the database's state that was read, in ISO 8601. */
  sourceReadAt: string;
  /** Rows of the provider's list that are nobody's as they stand. */
  oddRows: number;
  notes: readonly string[];
}

const hourMs = 60 * 60 * 1000;

/** Reads the provider's whole list and the source at the same time, and matches them as they arrive. */
export async function readBothSides(
  { configuration, ...options }: BothSidesOptions,
  { provider, quarantine, openSource }: ReadDependencies,
  run: Run<ReadReport>,
): Promise<BothSides> {
  const askedAt = run.now().getTime();
  const firstCount = provider.countSubscribers(run.signal);
  // Awaited later, so that a source that cannot be opened is reported first.
  firstCount.catch(() => undefined);
  let source = await openSource();
  let matching: SourceMatching | undefined;
  const matchSource = async (index: SubscriberIndex, signal: AbortSignal) => {
    if (matching !== undefined) {
      // Reading the list again fills a new index, which needs the whole source again.
      await source.close();
      source = await openSource();
      await quarantine.restart();
    }
    matching = new SourceMatching(new DesiredMatcher(index), quarantine);
    await matching.read(source, { progress: run.progress, signal });
  };
  const sourceReadAt = options.sourceReadAt ?? source.readAt;
  const graceMs = configuration.graceHours * hourMs;
  const { onlyAtProvider, resubscribeBounced, resubscribePublisher, providerFields } = configuration;
  try {
    const { result, oddRows, notes } = await readWholeList(provider, {
      columns: source.columns,
      subscribedSince: sourceReadAt - graceMs,
      signal: run.signal,
      now: () => run.now(),
      firstCount: { askedAt, counts: firstCount },
      whileReading: matchSource,
      whileRecounting: (index) => {
        const { givesConsents, readAt: lastReadAt } = source;
        const choices = { onlyAtProvider, resubscribeBounced, resubscribePublisher, providerFields };
        const { clearsFields } = provider;
        const policy = { ...choices, clearsFields, givesConsents, sourceReadAt, lastReadAt, graceMs };
        return new Differences({ index, policy, ...matching! });
      },
      progress: (done, total) => run.progress("reading the provider", done, total),
    });
    run.report.sourceReadAt = new Date(sourceReadAt).toISOString();
    const hidden = notesOnHiddenFields(result.index);
    for (const text of [...notes, ...hidden, ...matching!.notes()]) note(run, text);
    // Only now: a list that is read again has its rows set aside anew.
    await setAside(oddRows, quarantine, run);
    const { rejectedRows, unreadableConsents } = matching!;
    return { differences: result, sourceReadAt, rejectedRows, unreadableConsents };
  } finally {
    await source.close();
  }
}

async function setAside(
  oddRows: readonly OddRow[],
  quarantine: RejectedRows,
  { report }: Run<ReadReport>,
): Promise<void> {
  report.oddRows = oddRows.length;
  for (const { place, problem } of oddRows) {
    await quarantine.add({ email: "", reason: problem, place: `the provider's list, ${place}` });
  }
}

/** Fields that the provider does not show cannot be kept in step. */
function notesOnHiddenFields(index: SubscriberIndex): string[] {
  if (index.rows === 0) return [];
  const hidden = index.columns.filter((column) =>
    column === "guid" ? !index.comparable.guid : !index.comparable.data,
  );
  if (hidden.length === 0) return [];
  return [`the provider does not show ${hidden.join(", ")}, so only new subscribers get them`];
}
