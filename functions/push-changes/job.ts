import type { ListConfiguration } from "../configuration.ts";
import type { NamedList, RunOfList } from "../planning/named-list.ts";
import type { Clock } from "../platform/clock.ts";
import type { Run } from "../platform/run.ts";
import type { ReaderHash } from "../platform/storage/history/reader-hash.ts";
import type { RunHistory } from "../platform/storage/history/run-history.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { Quarantine } from "../platform/storage/quarantine.ts";
import type { OptIns } from "../providers/opt-ins.ts";
import type { Provider } from "../providers/provider.ts";
import type { PushReport } from "./report.ts";

export interface PushDependencies {
  readonly lists: Readonly<Record<string, ListConfiguration>>;
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Reads the key with which the history names readers. @default there is no history */
  readonly readHash?: (() => Promise<ReaderHash>) | undefined;
  providerOf(list: NamedList, run: RunOfList): Provider;
  /** Undefined if the list's provider has no double opt-in. */
  optInsOf(list: NamedList, run: RunOfList): OptIns | undefined;
}

/** All that a run works with, once its list is known. */
export interface Job {
  readonly list: NamedList;
  readonly store: ObjectStore;
  readonly provider: Provider;
  readonly quarantine: Quarantine;
  /** Whom the run touches. */
  readonly history: RunHistory | undefined;
  readonly clock: Clock;
  readonly run: Run<PushReport>;
  /** Opens the list's memory: to be used while holding the list's lock, and anew each time that it is taken. */
  openMemory(): ListMemory;
}
