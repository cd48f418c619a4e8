import { type ListConfiguration, listSchema } from "../../functions/configuration.ts";
import { changeSchema } from "../../functions/domain/plan.ts";
import type { RejectedRow } from "../../functions/domain/quarantined-row.ts";
import { type Clock, systemClock } from "../../functions/platform/clock.ts";
import type { ReaderHash } from "../../functions/platform/storage/history/reader-hash.ts";
import { readChunk } from "../../functions/platform/storage/ndjson-chunks.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import { type DesiredRow, sourceOf } from "./desired-rows.ts";
import { InMemoryProvider } from "./in-memory-provider.ts";
import { InMemorySink } from "./in-memory-sink.ts";
import { InMemoryStore } from "./in-memory-store.ts";
import { testRun } from "./test-run.ts";

const source = { kind: "csv", uri: "s3://exports/daily.csv" };

/** Both sides of a list, in memory; `rows` is the publisher's database. */
export class SyncWorld {
  readonly provider: InMemoryProvider;
  readonly store = new InMemoryStore();
  /** Takes the returns, if the list has any. */
  readonly sink = new InMemorySink(() => this.rows);
  readonly list: ListConfiguration;
  rows: DesiredRow[];
  readAt = Date.UTC(2026, 5, 1);
  columns = ["guid", "data_firstname"];
  givesConsents = true;
  rejected: RejectedRow[] = [];
  unreadableConsents: string[] = [];
  clock: Clock = systemClock;
  /** Reads the key of the history, if runs are to write one. */
  readHash: (() => Promise<ReaderHash>) | undefined;
  openSource = async (): Promise<SourceReading> => sourceOf(this.rows, this);

  constructor(
    provider: InMemoryProvider | ConstructorParameters<typeof InMemoryProvider>[0],
    rows: DesiredRow[],
    list: object = {},
  ) {
    this.provider = provider instanceof InMemoryProvider ? provider : new InMemoryProvider(provider);
    this.rows = rows;
    this.list = listSchema.parse({ id: 1, source, batchSize: 3, ...list });
  }

  async run(event: Partial<SyncEvent>, run = testRun<SyncReport>()): Promise<SyncReport> {
    const dependencies = {
      lists: { daily: this.list },
      store: this.store,
      clock: this.clock,
      readHash: this.readHash,
      providerOf: () => this.provider,
      openSource: () => this.openSource(),
      openSink: () => this.list.returns && this.sink,
    };
    await syncSubscribers({ list: "daily", ...event } as SyncEvent, dependencies, run);
    return run.report as SyncReport;
  }

  apply(run?: ReturnType<typeof testRun<SyncReport>>): Promise<SyncReport> {
    return this.run({ mode: "apply" }, run);
  }

  /** The rows stored under a prefix by all runs so far. */
  async stored(prefix: keyof typeof exchangePrefixes): Promise<Record<string, unknown>[]> {
    const keys = [...this.store.objects.keys()].filter((key) => key.startsWith(exchangePrefixes[prefix]));
    const rows = await Promise.all(
      keys.filter((key) => key.endsWith(".gz")).map((key) => readChunk(this.store, key)),
    );
    return rows.flat() as Record<string, unknown>[];
  }

  async plannedKinds(): Promise<string[][]> {
    return (await this.stored("plans")).map((row) => {
      const { kind, email } = changeSchema.parse(row);
      return [kind, email];
    });
  }
}
