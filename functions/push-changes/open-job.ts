import { findList } from "../configuration.ts";
import { runOfList } from "../planning/named-list.ts";
import { note, type Run } from "../platform/run.ts";
import { startedBy } from "../platform/started-by.ts";
import { RunHistory } from "../platform/storage/history/run-history.ts";
import { openListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { Quarantine } from "../platform/storage/quarantine.ts";
import { goodPushEvent, type PushEvent } from "./event.ts";
import type { Job, PushDependencies } from "./job.ts";
import type { PushReport } from "./report.ts";

/** A push has no rows of a source, which alone are remembered. */
export function quarantineOf(
  store: ObjectStore,
  place: { readonly list: string; readonly runId: string },
  history?: RunHistory,
): Quarantine {
  const rejections = () => Promise.reject(new TypeError("a push rejects no row of a source"));
  return new Quarantine({ store, ...place, memory: { rejections }, history });
}

export function historyOf(
  event: PushEvent,
  { store, readHash }: PushDependencies,
  run: Run<PushReport>,
): RunHistory | undefined {
  const about = { job: "push-changes", startedBy: startedBy(event) };
  const noteIn = (text: string) => note(run, text);
  return readHash && new RunHistory({ store, list: event.list, run, about, readHash, note: noteIn });
}

export function openJob(event: PushEvent, dependencies: PushDependencies, run: Run<PushReport>): Job {
  const { list: name } = event;
  const { lists, store, clock } = dependencies;
  const configuration = findList(lists, name, goodPushEvent);
  const list = { name, configuration };
  const noteIn = (text: string) => note(run, text);
  const history = historyOf(event, dependencies, run);
  return {
    list,
    store,
    clock,
    run,
    provider: dependencies.providerOf(list, runOfList(run)),
    history,
    quarantine: quarantineOf(store, { list: name, runId: `${run.id}-refused` }, history),
    openMemory: () =>
      openListMemory({
        store,
        list: name,
        graceHours: configuration.graceHours,
        now: () => run.now(),
        note: noteIn,
      }),
  };
}
