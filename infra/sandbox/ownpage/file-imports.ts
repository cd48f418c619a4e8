import { Readable } from "node:stream";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { parse } from "csv-parse";
import type { Row } from "../answer.ts";
import type { SandboxOptions } from "./sandbox-options.ts";
import type { SubscriberList } from "./subscriber-list.ts";
import { SubscriberWrite, type WriteReport } from "./subscriber-write.ts";

/** A file as the provider describes it in its answer. */
interface ImportedFile {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly mediatype: string;
  readonly subtype: string;
  readonly created_at: string;
  readonly size: number;
  readonly status: string;
  readonly email_list_id: number;
}

/** The outcome of an import: the API never tells it, but tests can ask. */
export type ImportOutcome = { readonly file: ImportedFile } & (
  | { readonly report: WriteReport }
  | { readonly error: Error }
);

type ImportOptions = Pick<Required<SandboxOptions>, "now" | "resetsGuid" | "acceptsEmail" | "importDelayMs">;

/** Imports of CSV files by URL. A file is downloaded before the answer and applied after it, one at a time. */
export class FileImports {
  readonly outcomes: ImportOutcome[] = [];
  readonly #options: ImportOptions;
  readonly #stopping = new AbortController();
  #files = 0;
  #settled: Promise<void> = Promise.resolve();

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  /**
   * Downloads the file and schedules its import.
   *
   * @throws Error if the URL does not answer with a file
   */
  async start(url: string, list: SubscriberList): Promise<ImportedFile> {
    const response = await fetch(url, { signal: this.#stopping.signal });
    if (!response.ok) throw new Error(`The file's server answered ${response.status}`);
    const csv = Buffer.from(await response.arrayBuffer());
    const file: ImportedFile = {
      id: ++this.#files,
      name: decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? ""),
      url,
      mediatype: "text",
      subtype: "csv",
      created_at: this.#options.now().toISOString(),
      size: csv.length,
      status: "uploaded",
      email_list_id: list.id!,
    };
    this.#settled = this.#settled.then(() => this.#import(file, csv, list));
    return file;
  }

  /** Resolves when every import started so far has ended, successfully or not. */
  settled(): Promise<void> {
    return this.#settled;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #import(file: ImportedFile, csv: Buffer, list: SubscriberList): Promise<void> {
    try {
      await wait(this.#options.importDelayMs, undefined, { signal: this.#stopping.signal });
      this.outcomes.push({ file, report: await this.#apply(csv, list) });
    } catch (error) {
      this.outcomes.push({ file, error: error as Error });
    }
  }

  /** The documentation does not say what happens to a bad line: here it is left out, and the others are applied. */
  async #apply(csv: Buffer, list: SubscriberList): Promise<WriteReport> {
    const write = new SubscriberWrite(list, this.#options);
    const format = {
      bom: true,
      columns: true,
      delimiter: delimiterOf(csv),
      relax_column_count: true,
      info: true,
    };
    const records: AsyncIterable<{ record: Row; info: { lines: number } }> = Readable.from(slices(csv)).pipe(
      parse(format),
    );
    for await (const { record, info } of records) {
      this.#stopping.signal.throwIfAborted();
      if (!("email" in record)) throw new Error("The file has no column email");
      if (this.#options.acceptsEmail(record.email)) write.apply(record);
      else write.report.errors.push(`L${info.lines}: email is missing or invalid`);
    }
    return write.report;
  }
}

function delimiterOf(csv: Buffer): "," | ";" {
  const header = csv.subarray(0, csv.indexOf("\n") === -1 ? csv.length : csv.indexOf("\n")).toString();
  return header.split(";").length > header.split(",").length ? ";" : ",";
}

/** Slices, so that requests are served while a large file is applied. */
async function* slices(csv: Buffer): AsyncGenerator<Buffer> {
  const sliceBytes = 65_536;
  for (let start = 0; start < csv.length; start += sliceBytes) {
    yield csv.subarray(start, start + sliceBytes);
    await nextTurn();
  }
}
