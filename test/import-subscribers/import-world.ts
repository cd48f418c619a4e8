import { parse } from "csv-parse/sync";
import { listSchema } from "../../functions/configuration.ts";
import type { ImportEvent } from "../../functions/import-subscribers/event.ts";
import { importSubscribers } from "../../functions/import-subscribers/import-subscribers.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { readChunk } from "../../functions/platform/storage/ndjson-chunks.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { ImportAnswer, Importer } from "../../functions/providers/importer.ts";
import type { ListCounts } from "../../functions/providers/provider.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";
import { type DesiredRow, sourceOf } from "../support/desired-rows.ts";
import { InMemoryFiles } from "../support/in-memory-files.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";

/** A provider that remembers the links it was given, and answers with prepared counts. */
class RecordingImporter implements Importer {
  readonly requests = { sent: 0, retried: 0 };
  readonly links: string[] = [];
  /** The counts to answer with, in turn; the last one is repeated. */
  counts: ListCounts[] = [{ subscribed: 10, unsubscribed: 1 }];
  answer: (link: string) => ImportAnswer = () => ({ id: this.links.length, status: "uploaded" });

  async countSubscribers(): Promise<ListCounts> {
    this.requests.sent++;
    return (this.counts.length > 1 ? this.counts.shift() : this.counts[0])!;
  }

  async importFile(link: string): Promise<ImportAnswer> {
    this.requests.sent++;
    this.links.push(link);
    return this.answer(link);
  }
}

/** A list to be imported, with everything around it in memory. */
export class ImportWorld {
  readonly importer = new RecordingImporter();
  readonly store = new InMemoryStore();
  readonly files = new InMemoryFiles();
  settings: object = {};
  columns = ["guid", "data_firstname"];
  rows: DesiredRow[];
  openSource = async (): Promise<SourceReading> => sourceOf(this.rows, this);
  openImporter = (): Importer => this.importer;
  sleep = async (_ms: number, _signal: AbortSignal): Promise<unknown> => undefined;
  sourcesClosed = 0;

  constructor(...rows: DesiredRow[]) {
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
        return { ...source, close: async () => void this.sourcesClosed++ };
      },
      sleep: (ms: number, signal: AbortSignal) => this.sleep(ms, signal),
    };
    await importSubscribers({ list: "daily", dryRun: false, ...event }, dependencies, run);
    return run.report as ImportReport;
  }

  /** The rows of all written files, in order, as a CSV reader sees them. */
  get written(): Record<string, string>[] {
    const read = (key: string): Record<string, string>[] =>
      parse(this.files.textOf(key), { columns: true, record_delimiter: "\n" });
    return [...this.files.files.keys()].flatMap(read);
  }

  async quarantined(): Promise<Record<string, unknown>[]> {
    const keys = [...this.store.objects.keys()].filter((key) => key.startsWith(exchangePrefixes.quarantine));
    return (await Promise.all(keys.map((key) => readChunk(this.store, key)))).flat() as Record<
      string,
      unknown
    >[];
  }
}
