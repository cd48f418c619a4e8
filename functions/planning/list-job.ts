import { findList, type ListConfiguration } from "../configuration.ts";
import { note, type Run } from "../platform/run.ts";
import { startedBy } from "../platform/started-by.ts";
import { type FirstApproval, openFirstApproval } from "../platform/storage/first-approval.ts";
import type { ReaderHash } from "../platform/storage/history/reader-hash.ts";
import { RunHistory } from "../platform/storage/history/run-history.ts";
import { type ListMemory, openListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import type { ApplyEvent } from "./apply-event.ts";
import type { NamedList } from "./named-list.ts";

/** What the jobs on a list need, whatever they do with it. */
export interface ListDependencies {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
  readonly store: ObjectStore;
  openSource(list: ListConfiguration, signal: AbortSignal): Promise<SourceReading>;
  /** Reads the key with which the history names readers. @default there is no history */
  readonly readHash?: (() => Promise<ReaderHash>) | undefined;
}

/** What a run is asked for, and what an error shows as a good event. */
export interface ListEvent {
  /** The function's name. */
  readonly job: string;
  readonly event: { readonly list: string } & Partial<Pick<ApplyEvent, "apply" | "approvedBy">>;
  readonly goodEvent: object;
}

/** A run of such a job, on one list. */
export interface ListJob<Report extends { notes: readonly string[] }> {
  readonly list: NamedList;
  readonly store: ObjectStore;
  /** To be used while holding the list's lock. */
  readonly memory: ListMemory;
  readonly firstApproval: FirstApproval;
  /** Whom the run touches, for whoever is asked about one reader. To be used while holding the list's lock. */
  readonly history: RunHistory | undefined;
  readonly run: Run<Report>;
  openSource(): Promise<SourceReading>;
}

/** @throws InvalidEventError when the configuration has no list of that name */
export function openListJob<Report extends { notes: readonly string[] }>(
  { job, event, goodEvent }: ListEvent,
  { lists, store, openSource, readHash }: ListDependencies,
  run: Run<Report>,
): ListJob<Report> {
  const { list: name, apply, approvedBy } = event;
  const configuration = findList(lists, name, goodEvent);
  const { graceHours } = configuration;
  const about = {
    job,
    startedBy: startedBy(event),
    ...(apply !== undefined && { applies: apply }),
    ...(approvedBy !== undefined && { approvedBy }),
  };
  const noteIn = (text: string) => note(run, text);
  return {
    list: { name, configuration },
    store,
    memory: openListMemory({
      store,
      list: name,
      graceHours,
      now: () => run.now(),
      note: noteIn,
    }),
    firstApproval: openFirstApproval(store, { name, id: configuration.id }),
    history: readHash && new RunHistory({ store, list: name, run, about, readHash, note: noteIn }),
    run,
    openSource: () => openSource(configuration, run.signal),
  };
}
