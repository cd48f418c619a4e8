import { findList, type ListConfiguration } from "../configuration.ts";
import { note, type Run } from "../platform/run.ts";
import { type FirstApproval, openFirstApproval } from "../platform/storage/first-approval.ts";
import { type ListMemory, openListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { SourceReading } from "../sources/source-reading.ts";
import type { NamedList } from "./named-list.ts";

/** What the jobs on a list need, whatever they do with it. */
export interface ListDependencies {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
  readonly store: ObjectStore;
  openSource(list: ListConfiguration, signal: AbortSignal): Promise<SourceReading>;
}

/** A run of such a job, on one list. */
export interface ListJob<Report extends { notes: readonly string[] }> {
  readonly list: NamedList;
  readonly store: ObjectStore;
  /** To be used while holding the list's lock. */
  readonly memory: ListMemory;
  readonly firstApproval: FirstApproval;
  readonly run: Run<Report>;
  openSource(): Promise<SourceReading>;
}

/**
 * @param goodEvent an event that the job takes
 * @throws InvalidEventError when the configuration has no list of that name
 */
export function openListJob<Report extends { notes: readonly string[] }>(
  { list: name, goodEvent }: { readonly list: string; readonly goodEvent: object },
  { lists, store, openSource }: ListDependencies,
  run: Run<Report>,
): ListJob<Report> {
  const configuration = findList(lists, name, goodEvent);
  const { graceHours } = configuration;
  return {
    list: { name, configuration },
    store,
    memory: openListMemory({
      store,
      list: name,
      graceHours,
      now: () => run.now(),
      note: (text) => note(run, text),
    }),
    firstApproval: openFirstApproval(store, name),
    run,
    openSource: () => openSource(configuration, run.signal),
  };
}
