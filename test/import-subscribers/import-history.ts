import { basename } from "node:path";
import { listSchema } from "../../functions/configuration.ts";
import { importSubscribers } from "../../functions/import-subscribers/import-subscribers.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import type { Run } from "../../functions/platform/run.ts";
import { memoryKey } from "../../functions/platform/storage/object-keys.ts";
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
import { held, left } from "./import-world.ts";
import { ImportingProvider, keyIn } from "./importing-provider.ts";

/** What Lambda gives a run. */
export const limitMs = 900_000;
const start = Date.UTC(2026, 5, 1);
const columns = ["guid", "data_firstname"];

const listed = () =>
  [
    ["Leaves@Example.fr", held({ guid: "1" })],
    ["missing@example.fr", held()],
    ["Changes@example.fr", held({ data_firstname: "Old" })],
    ["gains@example.fr", held()],
    ["Opted.Out@example.fr", left("READER")],
    ["bounced@example.fr", left("HARD_BOUNCE")],
    ["returns@example.fr", left("READER")],
  ] as const;
const rows: DesiredRow[] = [
  { email: "leaves@example.fr", subscribed: false, cause: "READER" },
  { email: "changes@example.fr", fields: { data_firstname: "New" } },
  { email: "gains@example.fr", fields: { guid: "2", data_firstname: 'G "Ga"; by' } },
  { email: "opted.out@example.fr", fields: { data_firstname: "Olga" } },
  { email: "bounced@example.fr" },
  { email: "returns@example.fr", consentedAt: Date.UTC(2026, 4, 20) },
  { email: "new.1@example.fr", fields: { guid: "3" } },
  { email: "NEW.1@example.fr", fields: { guid: "4" } },
  { email: "new.2@example.fr", fields: { guid: "3" } },
  { email: "new.3@example.fr" },
  { email: "no address of example.fr" },
];
const rejected = [
  { place: "line 9", reason: "email is too long", email: "long@example.fr", unsubscribed: false },
];
const source = { kind: "csv", uri: "s3://exports/daily.csv" };
const list = listSchema.parse({ id: 7, source, import: { rowsPerFile: 2, settleSeconds: 120 } });

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
  readonly provider = new ImportingProvider(this.files, listed());
  readonly rules = new ImportRules(this);
  /** Every call of every run, in order: the run that made it, and its place. */
  readonly made: { readonly id: string; readonly place: string }[] = [];
  #runs = 0;

  constructor() {
    this.provider.pageRows = 10;
    // As an earlier run left it: if the first one of a list fails before it has written this, the next one is strict.
    void this.store.put(memoryKey("daily", "budget.json"), Buffer.from('{"version":1,"runs":[]}'));
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

  /** Runs once every lock left behind has expired: then the list must be as the database wants it. */
  async runUndisturbed(atMs: number): Promise<void> {
    const { error } = await this.run({ atMs });
    this.rules.onUndisturbed(error);
  }

  #work(run: Run<ImportReport>, calls: Calls, told: Told): Promise<void> {
    const dependencies = {
      lists: { daily: list },
      store: faultyStore(calls, this.store),
      files: faultyFiles(calls, this.files, basename),
      importerOf: () => this.#importer(run, calls, told),
      openSource: async (_list: unknown, signal: AbortSignal) => {
        const opened = await calls.make("open the source", async () => faultySource(calls, told), signal);
        told.opened++;
        return opened;
      },
      sleep: (_ms: number, signal: AbortSignal) => calls.pass("sleep", signal),
    };
    return importSubscribers({ list: "daily" }, dependencies, run);
  }

  #importer(run: Run<ImportReport>, calls: Calls, told: Told): Importer {
    const { provider } = this;
    return {
      requests: provider.requests,
      clearsFields: provider.clearsFields,
      countSubscribers: (signal) => calls.make("count", () => provider.countSubscribers(signal), signal),
      async *readPages(options) {
        for await (const page of provider.readPages(options)) {
          await calls.pass("page", options.signal);
          yield page;
        }
      },
      importFile: async (file, { signal }) => {
        const key = keyIn(await file.link());
        told.attempted.push(key);
        const take = async () => {
          this.rules.onImport(key, run, told);
          return await provider.importFile(file);
        };
        const answer = await calls.make(`import ${basename(key)}`, take, signal);
        told.answered.push(key);
        return answer;
      },
    };
  }
}

/** The places of the calls that an undisturbed run makes, and the keys of the files that it writes. */
export async function undisturbedRun(): Promise<{ places: readonly string[]; files: readonly string[] }> {
  const history = new ImportHistory();
  const { places } = (await history.run()).calls;
  return { places, files: [...history.files.files.keys()].map((key) => basename(key)) };
}

function faultySource(calls: Calls, told: Told): SourceReading {
  const source = sourceOf(rows, { columns });
  return {
    ...source,
    async *blocks() {
      let isFirst = true;
      for await (const { records } of source.blocks()) {
        await calls.pass("block");
        yield { records, rejected: isFirst ? rejected : [], unreadableConsents: [] };
        isFirst = false;
      }
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
