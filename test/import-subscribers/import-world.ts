import { parse } from "csv-parse/sync";
import { listSchema } from "../../functions/configuration.ts";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import { importSubscribers } from "../../functions/import-subscribers/import-subscribers.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { readChunk } from "../../functions/platform/storage/ndjson-chunks.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { Importer } from "../../functions/providers/importer.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";
import { type DesiredRow, sourceOf } from "../support/desired-rows.ts";
import { InMemoryFiles } from "../support/in-memory-files.ts";
import type { HeldSubscriber } from "../support/in-memory-provider.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";
import { type CsvRow, ImportingProvider, keyIn } from "./importing-provider.ts";

/** Both sides of a list that is to be imported, with everything around it in memory. */
export class ImportWorld {
  readonly files = new InMemoryFiles();
  readonly store = new InMemoryStore();
  readonly provider: ImportingProvider;
  settings: object = {};
  columns = ["guid", "data_firstname"];
  givesConsents = true;
  rows: DesiredRow[];
  openSource = async (): Promise<SourceReading> => sourceOf(this.rows, this);
  openImporter = (): Importer => this.provider;
  sleep = async (_ms: number, _signal: AbortSignal): Promise<unknown> => undefined;
  sourcesOpen = 0;

  constructor(held: Iterable<readonly [string, HeldSubscriber]>, rows: DesiredRow[]) {
    this.provider = new ImportingProvider(this.files, held);
    this.rows = rows;
  }

  async run(event: Partial<ImportEvent> = {}, run = testRun<ImportReport>()): Promise<ImportReport> {
    const source = { kind: "csv", uri: "s3://exports/daily.csv" };
    const list = listSchema.parse({ id: 7, source, ...this.settings });
    const dependencies = {
      lists: { daily: list },
      store: this.store,
      files: this.files,
      importerOf: () => this.openImporter(),
      openSource: async () => {
        const source = await this.openSource();
        this.sourcesOpen++;
        return { ...source, close: async () => void this.sourcesOpen-- };
      },
      sleep: (ms: number, signal: AbortSignal) => this.sleep(ms, signal),
    };
    await importSubscribers({ list: "daily", ...event } as ImportEvent, dependencies, run);
    return run.report as ImportReport;
  }

  /** The rows of the files that were announced, in the order in which they were. */
  get announced(): CsvRow[] {
    return this.provider.links.flatMap((link) => this.rowsOf(keyIn(link)));
  }

  /** The rows of a file as a CSV reader sees them. */
  rowsOf(key: string): CsvRow[] {
    return parse(this.files.textOf(key), { columns: true, record_delimiter: "\n" });
  }

  async quarantined(): Promise<Record<string, unknown>[]> {
    const keys = [...this.store.objects.keys()].filter((key) => key.startsWith(exchangePrefixes.quarantine));
    return (await Promise.all(keys.map((key) => readChunk(this.store, key)))).flat() as Record<
      string,
      unknown
    >[];
  }
}

export function held(fields: Record<string, string> = {}): HeldSubscriber {
  return { subscribed: true, fields };
}

export function left(cause: HeldSubscriber["cause"], fields: Record<string, string> = {}): HeldSubscriber {
  return { subscribed: false, fields, unsubscribedAt: Date.UTC(2026, 4, 1), ...(cause && { cause }) };
}

/** So many addresses, as readers of the source or subscribers at the provider. */
export function emails(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `r${from + n}@example.fr`);
}
