import { Readable } from "node:stream";
import type { StreamedBody } from "../../functions/platform/http/http-stream.ts";
import { eventColumns } from "../../functions/providers/event-columns.ts";
import type { EventFile, EventFiles, OpenedEventFile } from "../../functions/providers/event-files.ts";

/** A provider with the CSVs that a test gives it, by event and day; every other file has two rows. */
export class InMemoryEventFiles implements EventFiles {
  readonly endpoint = "GET /files/{event}/{date}";
  readonly requests = { sent: 0, retried: 0 };
  /** By `nl_click 2018-02-15`; undefined for a file that does not exist. */
  readonly csvs = new Map<string, string | undefined>();
  /** Sent in place of a file's CSV, one per request. */
  readonly bodies = new Map<string, StreamedBody[]>();
  /** The requested files, in order. */
  readonly opened: string[] = [];
  onOpen: (file: EventFile) => void | Promise<void> = () => undefined;

  async openEvents(file: EventFile, signal: AbortSignal): Promise<OpenedEventFile> {
    const name = `${file.event} ${file.date}`;
    this.requests.sent++;
    this.opened.push(name);
    await this.onOpen(file);
    signal.throwIfAborted();
    const body = this.bodies.get(name)?.shift();
    if (body !== undefined) return { outcome: "found", ...body };
    const csv = this.csvs.has(name) ? this.csvs.get(name) : twoRows(file);
    if (csv === undefined) return { outcome: "absent" };
    return { outcome: "found", ...bodyOf(csv) };
  }
}

/** A body in chunks that end in the middle of rows. */
export function bodyOf(csv: string): StreamedBody {
  const bytes = Buffer.from(csv);
  const chunkBytes = Math.max(16, Math.ceil(bytes.length / 100));
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, n) =>
    bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes),
  );
  const stream = Readable.from(chunks, { objectMode: false });
  return { stream, expectedBytes: bytes.length, isEndCertain: true };
}

export function twoRows({ event, date }: EventFile): string {
  const columns: readonly string[] = eventColumns[event];
  return [columns, rowOf(columns, `${date} 10:00:01`, 1), rowOf(columns, `${date} 10:00:02`, 2)]
    .map((row) => `${row.join()}\n`)
    .join("");
}

function rowOf(columns: readonly string[], time: string, n: number): string[] {
  return columns.map((column) => {
    if (column === "date") return time;
    return column === "email" ? `reader.${n}@example.fr` : `${column} ${n}`;
  });
}
