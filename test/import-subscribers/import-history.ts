import { basename } from "node:path";
import { listSchema } from "../../functions/configuration.ts";
import { importSubscribers } from "../../functions/import-subscribers/import-subscribers.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import type { Run } from "../../functions/platform/run.ts";
import { importKey } from "../../functions/platform/storage/object-keys.ts";
import type { ObjectStore } from "../../functions/platform/storage/object-store.ts";
import type { Importer } from "../../functions/providers/importer.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";
import { Calls, type Fault } from "../support/calls.ts";
import { type DesiredRow, sourceOf } from "../support/desired-rows.ts";
import { faultyFiles } from "../support/faulty-files.ts";
import { InMemoryFiles } from "../support/in-memory-files.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";
import { ImportRules, type Told } from "./import-rules.ts";

/** What Lambda gives a run. */
export const limitMs = 900_000;
const start = Date.UTC(2026, 5, 1);
const columns = ["guid", "data_firstname"];

/**
 * Eight addresses that are written, one repeated, one undeliverable, and a guid shared by two. Their numbers are chosen so
 * that they fall into few parts on the disk, which makes a run several times as fast.
 */
const rows: DesiredRow[] = [
  { email: "reader.36@example.fr", fields: { guid: "69", data_firstname: "Anna" } },
  { email: "reader.86@example.fr", fields: { guid: "161", data_firstname: "Bruno" } },
  { email: "READER.36@example.fr", fields: { guid: "230" } },
  { email: "reader.175@example.fr", subscribed: false, cause: "READER" },
  { email: "no address 235 of example.fr" },
  { email: "reader.249@example.fr", subscribed: false, fields: { guid: "69" } },
  { email: "reader.193@example.fr", fields: { guid: "161" } },
  { email: "reader.289@example.fr", fields: { data_firstname: 'F "Fa"; nny' } },
  { email: "reader.313@example.fr", fields: { guid: "112" } },
  { email: "helene@example.fr", fields: { guid: "184" } },
];
const rejected = [
  { place: "line 9", reason: "email is too long", email: "long@example.fr", unsubscribed: false },
];
const source = { kind: "csv", uri: "s3://exports/daily.csv" };
const list = listSchema.parse({ id: 7, source, import: { rowsPerFile: 3, settleSeconds: 120 } });

/** How one run of a history starts. */
export interface Begin {
  /** In ms since the first run of the history. */
  readonly atMs?: number;
  readonly faults?: Iterable<readonly [string, Fault]>;
  readonly onCall?: (place: string) => void | Promise<void>;
}

/** How a run ended, and the calls that it made. */
export interface Ended {
  readonly id: string;
  readonly calls: Calls;
  readonly error: Error | undefined;
  readonly isKilled: boolean;
}

/** Runs of one import, one after another or at once, over one bucket and one provider. */
export class ImportHistory {
  readonly store = new InMemoryStore();
  readonly files = new InMemoryFiles();
  readonly rules: ImportRules;
  /** Every call of every run, in order: the run that made it, and its place. */
  readonly made: { readonly id: string; readonly place: string }[] = [];
  #runs = 0;

  /** @param whole each file's CSV as an undisturbed run writes it; absent in the history that finds out */
  constructor(whole?: readonly string[]) {
    this.rules = new ImportRules(this.files, whole);
  }

  async run({ atMs = 0, faults = [], onCall }: Begin = {}): Promise<Ended> {
    const calls = new Calls(faults);
    const id = `run-${++this.#runs}`;
    calls.onCall = async (place) => {
      this.made.push({ id, place });
      await onCall?.(place);
    };
    const told: Told = { attempted: [], received: [], answered: [], texts: [], opened: 0, closed: 0 };
    const run: Run<ImportReport> = {
      ...testRun<ImportReport>({ at: start + atMs, signal: calls.signal }),
      id,
      progress: (phase, done, total) => told.texts.push(`${phase} ${done} ${total}`),
    };
    const ended = this.#work(run, calls, told).then(
      () => ({ error: undefined, isKilled: false }),
      (error: Error) => ({ error, isKilled: false }),
    );
    const killed = calls.killed.then(() => ({ error: undefined, isKilled: true }));
    const { error, isKilled } = await Promise.race([ended, killed]);
    if (!isKilled) this.rules.onEnd(run, error, told);
    await calls.finishLate();
    await this.rules.checkLock(this.store, run);
    return { id, calls, error, isKilled };
  }

  /** Runs once every lock left behind has expired: all files must be announced. */
  async runUndisturbed(atMs: number): Promise<void> {
    const before = this.rules.filesReceived;
    const { error } = await this.run({ atMs });
    this.rules.onUndisturbed(this.rules.filesReceived - before, error);
  }

  #work(run: Run<ImportReport>, calls: Calls, told: Told): Promise<void> {
    const dependencies = {
      lists: { daily: list },
      store: faultyStore(calls, this.store),
      files: faultyFiles(calls, this.files, basename),
      importerOf: () => this.#importer(run.id, calls, told),
      openSource: async (_list: unknown, signal: AbortSignal) => {
        const opened = await calls.make("open the source", async () => faultySource(calls, told), signal);
        told.opened++;
        return opened;
      },
      sleep: (_ms: number, signal: AbortSignal) => calls.pass("sleep", signal),
    };
    return importSubscribers({ list: "daily", dryRun: false }, dependencies, run);
  }

  #importer(id: string, calls: Calls, told: Told): Importer {
    return {
      requests: { sent: 0, retried: 0 },
      countSubscribers: (signal) =>
        calls.make(
          "count",
          async () => ({ subscribed: 100 + this.rules.filesReceived, unsubscribed: 2 }),
          signal,
        ),
      importFile: async (link, signal) => {
        const key = new URL(link).pathname.slice(1);
        told.attempted.push(key);
        const take = async () => this.rules.onImport(key, importKey("daily", id, 0), told);
        const answer = await calls.make(`import ${basename(key)}`, take, signal);
        told.answered.push(key);
        return answer;
      },
    };
  }
}

/** The files that an undisturbed run writes, and the places of its calls. */
export async function undisturbedRun(): Promise<{ whole: string[]; places: readonly string[] }> {
  const history = new ImportHistory();
  const { places } = (await history.run()).calls;
  const { files } = history;
  return { whole: [...files.files.keys()].map((key) => files.textOf(key)), places };
}

function faultySource(calls: Calls, told: Told): SourceReading {
  const source = sourceOf(rows, { columns });
  return {
    ...source,
    async *blocks() {
      for await (const { records } of source.blocks()) {
        await calls.pass("block");
        // Only the last block has no records.
        yield { records, rejected: records.count === 0 ? rejected : [], unreadableConsents: [] };
      }
      await calls.pass("end of the blocks");
    },
    close: async () => void told.closed++,
  };
}

function faultyStore(calls: Calls, store: ObjectStore): ObjectStore {
  return {
    put: (key, bytes, condition) =>
      calls.make(`put ${basename(key)}`, () => store.put(key, bytes, condition)),
    get: (key) => calls.make(`get ${basename(key)}`, () => store.get(key)),
  };
}
