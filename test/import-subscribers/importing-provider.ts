import { parse } from "csv-parse/sync";
import type { ImportAnswer, Importer, ImportFile } from "../../functions/providers/importer.ts";
import type { InMemoryFiles } from "../support/in-memory-files.ts";
import { type HeldSubscriber, InMemoryProvider } from "../support/in-memory-provider.ts";

/** A row of a file, by its columns. */
export type CsvRow = Readonly<Record<string, string>>;

/** Whoever learns the link of a file may fetch it. */
export function keyIn(link: string): string {
  return new URL(link).pathname.slice(1);
}

/** A list that is read as any other, and imports the files of a bucket in memory. */
export class ImportingProvider extends InMemoryProvider implements Importer {
  readonly links: string[] = [];
  /** What it does with the rows of a file. */
  takes: (rows: CsvRow[]) => readonly CsvRow[] = (rows) => rows;
  /** For each file in turn, how many counts are answered before its rows show. */
  delays: number[] = [];
  answer: (link: string) => ImportAnswer = () => ({ id: this.links.length, status: "uploaded" });
  readonly #files: InMemoryFiles;
  #waiting: { rows: readonly CsvRow[]; counts: number }[] = [];

  constructor(files: InMemoryFiles, subscribers: Iterable<readonly [string, HeldSubscriber]> = []) {
    super(subscribers);
    this.#files = files;
  }

  override async countSubscribers(signal: AbortSignal) {
    for (const file of this.#waiting) if (file.counts-- === 0) this.#import(file.rows);
    this.#waiting = this.#waiting.filter(({ counts }) => counts >= 0);
    return await super.countSubscribers(signal);
  }

  async importFile(file: ImportFile): Promise<ImportAnswer> {
    const link = await file.link();
    this.requests.sent++;
    this.links.push(link);
    const answer = this.answer(link);
    const rows = this.takes(
      parse(this.#files.textOf(keyIn(link)), { columns: true, record_delimiter: "\n" }),
    );
    const counts = this.delays.shift() ?? 0;
    if (counts === 0) this.#import(rows);
    else this.#waiting.push({ rows, counts });
    return answer;
  }

  #import(rows: readonly CsvRow[]): void {
    const guids = new Set<string>();
    for (const row of rows) {
      const { guid = "" } = row;
      if (guid === "" || !guids.has(guid)) this.#apply(row);
      guids.add(guid);
    }
  }

  #apply({ email = "", subscribed, unsubscribed_cause: cause = "", guid = "", ...data }: CsvRow): void {
    const held = this.subscribers.get(email) ?? { subscribed: true, subscribedAt: this.now, fields: {} };
    this.subscribers.set(email, held);
    // An empty value clears what there was; an empty guid is none at all.
    Object.assign(held.fields, data, guid !== "" && { guid });
    if (subscribed === "true" && !held.subscribed) {
      this.subscribers.set(email, { subscribed: true, subscribedAt: this.now, fields: held.fields });
    }
    if (subscribed !== "false" || !held.subscribed) return;
    held.subscribed = false;
    held.cause = cause === "PUBLISHER" ? "PUBLISHER" : "READER";
    held.unsubscribedAt = this.now;
  }
}
