import { type ListConfiguration, listSchema } from "../../functions/configuration.ts";
import { systemClock } from "../../functions/platform/clock.ts";
import { readChunk } from "../../functions/platform/storage/ndjson-chunks.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import type { Row } from "../../infra/sandbox/answer.ts";
import type { FaultRule } from "../../infra/sandbox/fault.ts";
import type { SandboxOptions } from "../../infra/sandbox/ownpage/sandbox-options.ts";
import type { Sandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { listId, optionsFor, sandboxWith } from "../providers/ownpage/connect.ts";
import { type DesiredRow, sourceOf } from "../support/desired-rows.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { testRun } from "../support/test-run.ts";

const june = Date.UTC(2026, 5, 1);
const hour = 3_600_000;

export interface Outcome {
  readonly report: SyncReport;
  /** What the run failed with; undefined if it succeeded. */
  readonly failure: Error | undefined;
}

/** A list at an Ownpage on this machine, and the publisher's database. */
export class SandboxWorld {
  readonly sandbox: Sandbox;
  readonly store = new InMemoryStore();
  readonly #list: ListConfiguration;
  rows: DesiredRow[];
  #hours = 0;

  private constructor(sandbox: Sandbox, rows: DesiredRow[], list: object) {
    this.sandbox = sandbox;
    this.rows = rows;
    this.#list = listSchema.parse({
      id: listId,
      source: { kind: "csv", uri: "s3://exports/x.csv" },
      ...list,
    });
  }

  /** @param held who is subscribed at the provider */
  static async create(
    held: readonly string[],
    rows: DesiredRow[],
    { list = {}, ...options }: Partial<SandboxOptions> & { list?: object } = {},
  ): Promise<SandboxWorld> {
    const subscribers = held.map((email) => ({ email, subscribed_at: "2026-01-01T00:00:00Z" }));
    const now = () => new Date(june);
    const sandbox = await sandboxWith({ now, lists: [{ id: listId, subscribers }], ...options });
    return new SandboxWorld(sandbox, rows, list);
  }

  /** A run, an hour after the one before. */
  async apply(): Promise<Outcome> {
    const run = testRun<SyncReport>({ at: june + hour * this.#hours++ });
    const dependencies = {
      lists: { daily: this.#list },
      store: this.store,
      clock: systemClock,
      providerOf: () =>
        createOwnpageProvider({ ...optionsFor(this.sandbox), listId, timeZone: "Europe/Paris" }),
      openSource: async () => sourceOf(this.rows, { readAt: run.startedAt.getTime() }),
      openSink: () => undefined,
    };
    const failure = await syncSubscribers({ list: "daily", mode: "apply" }, dependencies, run).then(
      () => undefined,
      (error: Error) => error,
    );
    return { report: run.report as SyncReport, failure };
  }

  pass(hours: number): void {
    this.#hours += hours;
  }

  /** Makes the provider fail at every write of such rows. */
  failAt(match: Omit<FaultRule["match"], "method" | "path">, status = 500): void {
    const html = "<html><center><h1>nginx</h1></center></html>";
    const write = { method: "POST", path: /subscribers$/ };
    this.sandbox.faults.push({ match: { ...write, ...match }, fault: { kind: "status", status, html } });
  }

  /** How many writes were sent since they were last asked for, and the rows of those that were applied. */
  takeWrites(): { requests: number; rows: Row[] } {
    const writes = this.sandbox.requests.filter(
      ({ method, path }) => method === "POST" && path.endsWith("/subscribers"),
    );
    this.sandbox.requests.length = 0;
    return { requests: writes.length, rows: writes.flatMap(({ rows }) => rows) };
  }

  /** The rows that runs have set aside so far. */
  async quarantined(): Promise<unknown[]> {
    const keys = [...this.store.objects.keys()].filter((key) => key.startsWith(exchangePrefixes.quarantine));
    const chunks = await Promise.all(keys.map((key) => readChunk(this.store, key)));
    return chunks.flatMap((rows) => rows ?? []);
  }

  isSubscribed(email: string): boolean | undefined {
    return this.sandbox.list(listId).get(email)?.subscribed;
  }
}
