import { type ListConfiguration, listSchema } from "../../../functions/configuration.ts";
import { openProvider } from "../../../functions/providers/open-provider.ts";
import type { SyncEvent, SyncMode } from "../../../functions/sync-subscribers/event.ts";
import type { SyncReport } from "../../../functions/sync-subscribers/report.ts";
import { syncSubscribers } from "../../../functions/sync-subscribers/sync-subscribers.ts";
import type { ContactSeed } from "../../../infra/sandbox/constant-contact/contact.ts";
import { dailyList, type SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import type { Sandbox } from "../../../infra/sandbox/constant-contact/start-sandbox.ts";
import { openWorld, start, type World } from "../../providers/constant-contact/connect.ts";
import { type DesiredRow, sourceOf } from "../../support/desired-rows.ts";
import { InMemorySink } from "../../support/in-memory-sink.ts";
import { testRun } from "../../support/test-run.ts";

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const weeklyList = "22222222-0000-4000-8000-000000000002";
const columns = ["guid", "data_first_name"];
const runMs = 15 * 60_000;
const lists = [
  { list_id: dailyList, name: "Daily" },
  { list_id: weeklyList, name: "Weekly" },
];
const longAgo = new Date(start - 100 * dayMs).toISOString();

/** A contact from long before the first run, on the list. */
export const member = (email: string, seed: ContactSeed = {}): ContactSeed => ({
  email,
  created_at: longAgo,
  list_memberships: [dailyList],
  ...seed,
});

/** A contact from long before the first run, who is known for another list. */
export const outsider = (email: string, seed: ContactSeed = {}): ContactSeed =>
  member(email, { list_memberships: [weeklyList], ...seed });

export interface Outcome {
  readonly report: SyncReport;
  /** What the run failed with; undefined if it succeeded. */
  readonly failure: Error | undefined;
}

/** An account at a Constant Contact on this machine, and the publisher's database, which takes returns. */
export class AccountWorld {
  readonly world: World;
  rows: DesiredRow[];
  readonly sink = new InMemorySink(() => this.rows);
  readonly #list: ListConfiguration;

  private constructor(world: World, rows: DesiredRow[], list: object) {
    this.world = world;
    this.rows = rows;
    this.#list = listSchema.parse({
      id: dailyList,
      source: { kind: "csv", uri: "s3://exports/x.csv" },
      returns: { kind: "csv" },
      ...list,
    });
  }

  static async create(
    contacts: readonly ContactSeed[],
    rows: DesiredRow[],
    { list = {}, ...options }: SandboxOptions & { list?: object } = {},
  ): Promise<AccountWorld> {
    return new AccountWorld(await openWorld({ lists, contacts, ...options }), rows, list);
  }

  get sandbox(): Sandbox {
    return this.world.sandbox;
  }

  pass(ms: number): void {
    this.world.clock.time += ms;
  }

  /** A run, an hour after whatever happened before. */
  run(mode: SyncMode = "apply"): Promise<Outcome> {
    return this.invoke({ list: "daily", mode });
  }

  async invoke(event: SyncEvent): Promise<Outcome> {
    const { clock, store } = this.world;
    this.pass(hourMs);
    this.sandbox.requests.length = 0;
    const stop = new AbortController();
    const beganAt = clock.now();
    const run = {
      ...testRun<SyncReport>({ at: beganAt, signal: stop.signal }),
      now: () => new Date(clock.now()),
    };
    const wait: typeof clock.wait = async (ms, signal) => {
      await clock.wait(ms, signal);
      if (clock.now() >= beganAt + runMs) stop.abort(new Error("the time is over"));
      signal.throwIfAborted();
    };
    const { configuration, ...access } = this.world.options();
    const failure = await syncSubscribers(
      event,
      {
        lists: { daily: this.#list },
        store,
        clock: { ...clock, now: clock.now, wait },
        providerOf: ({ name, configuration: { id, joinKnown, askAgain } }, told) =>
          openProvider(
            configuration,
            { name, id, joinKnown, askAgain },
            { ...access, ...told, clock: { ...clock, now: clock.now, wait }, timeZone: "Europe/Paris" },
          ),
        openSource: async () => sourceOf(this.rows, { columns, readAt: beganAt }),
        openSink: () => this.#list.returns && this.sink,
      },
      run,
    ).then(
      () => undefined,
      (error: Error) => error,
    );
    return { report: run.report as SyncReport, failure };
  }

  /** A run that must succeed. */
  async apply(): Promise<SyncReport> {
    const { report, failure } = await this.run();
    if (failure !== undefined) throw failure;
    return report;
  }

  /** Whether a reader is on the list and may be mailed. */
  isSubscribed(email: string): boolean {
    const contact = this.sandbox.contact(email);
    if (contact === undefined || contact.deleted_at !== undefined) return false;
    const mayBeMailed = ["explicit", "implicit"].includes(contact.permission_to_send ?? "");
    return mayBeMailed && contact.list_memberships.includes(dailyList);
  }

  /** The addresses in imports since the last run began. */
  get imported(): string[] {
    return this.sandbox.writes.map((row) => String((row as { email?: unknown }).email));
  }

  /** What was asked of the provider since the last run began, as `GET /contacts`. */
  get calls(): string[] {
    return this.world.calls;
  }

  row(email: string): DesiredRow | undefined {
    return this.rows.find((row) => row.email === email);
  }
}

/** What a run plans that finds both sides agreed. */
export const nothingPlanned = {
  subscribe: 0,
  resubscribe: 0,
  update: 0,
  unsubscribe: 0,
  returns: { unsubscribed: 0, bounced: 0, subscribed: 0, updated: 0 },
};
