import type { Context } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { ArchiveIncompleteError } from "../../functions/domain/archive-errors.ts";
import { InvalidEventError, NewsletterSyncError, OutOfTimeError } from "../../functions/domain/errors.ts";
import { UnsafePlanError } from "../../functions/domain/plan-errors.ts";
import { ProviderContractError } from "../../functions/domain/provider-errors.ts";
import { UnforeseenError } from "../../functions/domain/unforeseen-error.ts";
import { createHandler } from "../../functions/platform/create-handler.ts";
import type { Run } from "../../functions/platform/run.ts";
import type { MissingRun } from "../../functions/platform/run-metrics.ts";
import { openLastSuccess } from "../../functions/platform/storage/last-success.ts";
import { type BusFault, type EventBusServer, startEventBus } from "../support/event-bus-server.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";

interface Report {
  doubled: number;
  files: readonly object[];
  duplicateOf: string;
}
interface Dependencies {
  store: InMemoryStore;
  factor: number;
}

const lambda = (remainingMs = 60_000) =>
  ({
    awsRequestId: "01234567-89ab-cdef-0123-456789abcdef",
    functionName: "doubling",
    getRemainingTimeInMillis: () => remainingMs,
  }) as Context;

let printed: string[] = [];

beforeEach(() => {
  printed = [];
  // Makes Powertools write to the console, which is mocked here.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  for (const method of ["log", "info", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((line) => void printed.push(String(line)));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What CloudWatch reads in the log. */
const measured = () => printed.map((line) => JSON.parse(line)).filter((line) => line._aws);

interface Doubling {
  readonly account?: string;
  readonly figures?: Readonly<Record<string, number>>;
  readonly missing?: readonly MissingRun[];
  readonly share?: number;
}

function doubling(
  job?: (run: Run<Report>) => Promise<void>,
  { account, figures = { RowsSetAside: 0 }, missing = [], share = 1 }: Doubling = {},
) {
  const store = new InMemoryStore();
  let built = 0;
  const handler = createHandler<{ list: string; number: number }, Dependencies, Report>({
    name: "doubling",
    event: {
      schema: z.strictObject({ list: z.string(), number: z.number(), scheduledAt: z.string().optional() }),
      good: { list: "daily", number: 1 },
    },
    buildDependencies: async () => ({ store, factor: ++built + 1 }),
    subjectOf: ({ list }) => list,
    isRoutine: ({ number }) => number !== 0,
    shareOf: () => share,
    isLook: ({ number }) => number < 0,
    duplicateOf: ({ duplicateOf }) => duplicateOf,
    metricsOf: ({ doubled }) => (doubled === undefined ? {} : { Doubled: doubled, ...figures }),
    missingRunsOf: () => missing,
    quotaUseOf: (_, { factor }) => (account === undefined ? undefined : { account, requests: factor }),
    outlineOf: ({ doubled = 0 }) => ({ counts: { doubled } }),
    summarise: ({ doubled = 0 }, failure) => `doubled to ${doubled}${failure ? `; ${failure.name}` : ""}`,
    run: async ({ number }, { factor }, run) => {
      await job?.(run);
      run.report.doubled = number * factor;
    },
  });
  const invoke = (event: unknown, context = lambda()) => handler(event, context);
  return { store, invoke, built: () => built };
}

const storedReports = (store: InMemoryStore) =>
  [...store.objects]
    .filter(([key]) => key.startsWith("reports/"))
    .map(([key, { bytes }]) => ({ key, ...JSON.parse(Buffer.from(bytes).toString()) }));

describe("createHandler", () => {
  test("logs and measures under the name that the function has in its environment", async () => {
    vi.stubEnv("POWERTOOLS_SERVICE_NAME", "staging-doubling");
    await doubling().invoke({ list: "daily", number: 21 });
    const failing = doubling(() => Promise.reject(new Error("fails")));
    await failing.invoke({ list: "daily", number: 1 }).catch(() => undefined);
    const services = printed.map((line) => JSON.parse(line).service);
    expect(services.length).toBeGreaterThan(2);
    expect(new Set(services)).toEqual(new Set(["staging-doubling"]));
  });

  test("returns the report, stores it and logs the run in figures", async () => {
    const { store, invoke } = doubling();
    expect(await invoke({ list: "daily", number: 21 })).toEqual({
      summary: "daily: doubled to 42",
      report: [...store.objects.keys()][0],
      startedBy: "hand",
      doubled: 42,
    });
    expect(storedReports(store)).toMatchObject([
      {
        key: expect.stringMatching(/^reports\/doubling\/daily\/\d{8}T\d{6}Z-[0-9a-f]{8}\.json$/),
        outcome: "succeeded",
        summary: "daily: doubled to 42",
        startedBy: "hand",
      },
    ]);
    expect(JSON.parse(printed.at(-1)!)).toMatchObject({
      message: "run succeeded",
      list: "daily",
      durationMs: expect.any(Number),
      figures: { Doubled: 42, RowsSetAside: 0 },
    });
  });

  test("CloudWatch is told of what an alarm watches, unless it is zero", async () => {
    await doubling().invoke({ list: "daily", number: 21 });
    expect(measured()).toEqual([]);
    const figures = { RowsSetAside: 3, Discrepancies: 0 };
    await doubling(undefined, { figures }).invoke({ list: "daily", number: 21 });
    expect(measured()).toMatchObject([{ list: "daily", service: "doubling", RowsSetAside: 3 }]);
    expect(Object.keys(measured()[0]).sort()).toEqual(["RowsSetAside", "_aws", "list", "service"]);
  });

  test("a success that the schedule could have brought about is recorded; a failure and a run by hand are not", async () => {
    const { store, invoke } = doubling();
    await invoke({ list: "daily", number: 0 });
    const failing = doubling(() => Promise.reject(new Error("fails")));
    await failing.invoke({ list: "daily", number: 1 }).catch(() => undefined);
    for (const { objects } of [store, failing.store]) {
      expect([...objects.keys()].filter((key) => key.startsWith("successes/"))).toEqual([]);
    }
    await invoke({ list: "daily", number: 1 });
    expect(await openLastSuccess(store, "doubling", "daily").read()).toBeInstanceOf(Date);
  });

  test("a success that cannot be recorded is no failure", async () => {
    const { store, invoke } = doubling();
    vi.spyOn(store, "put").mockRejectedValue(new Error("down"));
    expect(await invoke({ list: "daily", number: 21 })).toMatchObject({ doubled: 42 });
    expect(printed.join()).toContain("the success could not be recorded");
  });

  test("that a first plan waits is told once a day", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { invoke } = doubling(undefined, { figures: { FirstPlanWaits: 1 } });
    const told = async (at: string) => {
      vi.setSystemTime(at);
      printed = [];
      await invoke({ list: "daily", number: 1 });
      return measured().length;
    };
    expect(await told("2026-11-30T09:00:00Z")).toBe(1);
    expect(await told("2026-11-30T10:00:00Z")).toBe(0);
    expect(await told("2026-11-30T23:59:59Z")).toBe(0);
    expect(await told("2026-12-01T00:00:01Z")).toBe(1);
    vi.useRealTimers();
  });

  test("a run that is missing is told in the name of its function", async () => {
    const missing = [{ service: "staging-other", subject: "weekly" }];
    await doubling(undefined, { missing }).invoke({ list: "daily", number: 21 });
    expect(measured()).toMatchObject([{ service: "staging-other", list: "weekly", RunMissing: 1 }]);
  });

  test("a failure is told with the name of its error", async () => {
    const failing = doubling(() => Promise.reject(new OutOfTimeError("1 of 2 is done")));
    await failing.invoke({ list: "daily", number: 1 }).catch(() => undefined);
    expect(measured()).toMatchObject([
      { service: "doubling", list: "daily", error: "OutOfTimeError", RunFailed: 1 },
    ]);
  });

  test("what a run took of an account's quota is measured apart from the list, whether or not it succeeds", async () => {
    const requests = () => measured().filter((line) => "AccountRequests" in line);
    const account = "newsletter-sync/account";
    const { invoke } = doubling(undefined, { account });
    await invoke({ list: "daily", number: 21 });
    const failing = doubling(() => Promise.reject(new Error("fails")), { account });
    await failing.invoke({ list: "weekly", number: 1 }).catch(() => undefined);
    expect(requests()).toMatchObject(
      Array(2).fill({ service: "doubling", account: "newsletter-sync/account", AccountRequests: 2 }),
    );
    expect(requests().filter((line) => "list" in line)).toEqual([]);
    printed = [];
    await doubling().invoke({ list: "daily", number: 21 });
    expect(requests()).toEqual([]);
  });

  test("of a look nothing is measured, whether or not it succeeds, but what it took of an account's quota", async () => {
    const { store, invoke } = doubling(undefined, { account: "newsletter-sync/account" });
    await invoke({ list: "daily", number: -1 });
    const failing = doubling(() => Promise.reject(new Error("fails")));
    await failing.invoke({ list: "daily", number: -1 }).catch(() => undefined);
    const [quota, ...others] = measured();
    expect(quota).toMatchObject({ account: "newsletter-sync/account", AccountRequests: 2 });
    expect(quota).not.toHaveProperty("list");
    expect(others).toEqual([]);
    expect(storedReports(store)).toMatchObject([{ outcome: "succeeded", doubled: -2 }]);
  });

  test("two deliveries of one event have the same trigger, and ids of their own; two events have not", async () => {
    const triggers: string[] = [];
    const { store, invoke } = doubling(async ({ trigger }) => void triggers.push(trigger));
    const otherRequest = { ...lambda(), awsRequestId: "76543210-89ab-cdef-0123-456789abcdef" };
    const scheduled = { list: "daily", number: 1, scheduledAt: "2026-06-01T00:00:00Z" };
    // Scheduler's deliveries are requests of their own; Lambda keeps the request's id.
    await invoke(scheduled);
    await invoke(scheduled, otherRequest);
    await invoke({ list: "daily", number: 1 });
    await invoke({ list: "daily", number: 1 });
    await invoke({ list: "daily", number: 1 }, otherRequest);
    await invoke({ ...scheduled, scheduledAt: "2026-06-01T01:00:00Z" });
    expect(triggers.slice(0, 2)).toEqual(Array(2).fill("doubling at 2026-06-01T00:00:00Z"));
    expect(triggers[3]).toBe(triggers[2]);
    expect(new Set(triggers).size).toBe(4);
    expect(new Set(storedReports(store).map(({ run }) => run)).size).toBe(6);
  });

  test("a duplicate succeeds, says of which run it is one, and counts as nothing", async () => {
    const startSecond = async ({ report }: Run<Report>) => {
      report.duplicateOf = "the-first";
    };
    const { store, invoke } = doubling(startSecond, { figures: { RowsSetAside: 1 } });
    const summary = "daily: nothing was done, as the event was delivered twice: the other run is the-first";
    expect(await invoke({ list: "daily", number: 1 })).toMatchObject({ summary });
    expect(measured()).toEqual([]);
    expect(storedReports(store)).toMatchObject([{ outcome: "duplicate", duplicateOf: "the-first", summary }]);
    expect(JSON.parse(printed.at(-1)!)).toMatchObject({
      level: "INFO",
      message: "run was a duplicate",
      summary,
    });
  });

  test.each([
    [{ list: "daily", number: "1" }, /number: .*expected number/],
    [{ list: "daily" }, /number: missing, expected number/],
    [
      { list: "daily", number: 1, nmuber: 2 },
      /unknown field "nmuber" \(did you mean "number"\?\): the fields are list, number/,
    ],
    [
      { list: "daily", number: 1, "jean@example.fr": 2 },
      /unknown field whose name is not shown: the fields are list, number/,
    ],
    ["daily", /expected object/],
  ])("an invalid event (%j) is refused with the field and a valid example", async (event, message) => {
    const { invoke, built } = doubling();
    const failure = await invoke(event).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(InvalidEventError);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).toContain('{"list":"daily","number":1}');
    expect(built()).toBe(0);
  });

  test("builds the dependencies once, and again after a failed run", async () => {
    let fails = false;
    const { invoke, built } = doubling(async () => {
      if (fails) throw new Error("down");
    });
    await invoke({ list: "daily", number: 1 });
    await invoke({ list: "daily", number: 1 });
    expect(built()).toBe(1);
    fails = true;
    await expect(invoke({ list: "daily", number: 1 })).rejects.toThrow(UnforeseenError);
    fails = false;
    await invoke({ list: "daily", number: 1 });
    expect(built()).toBe(2);
  });

  test("rethrows an error of ours unchanged, after storing the report and counting the failure", async () => {
    const failure = new OutOfTimeError("1 of 2 is done");
    const { store, invoke } = doubling(async (run) => {
      run.report.doubled = 7;
      throw failure;
    });
    await expect(invoke({ list: "daily", number: 1 })).rejects.toBe(failure);
    const error = { name: "OutOfTimeError", message: failure.message, actor: "next run" };
    expect(storedReports(store)).toMatchObject([{ outcome: "failed", doubled: 7, error }]);
    expect(printed.map((line) => JSON.parse(line)).find((line) => line._aws)).toMatchObject({ RunFailed: 1 });
  });

  test("shows of any other error its name or code and its place, and not a word that it says", async () => {
    const words = "jean@example.fr at https://x.example/?token=s3cret";
    const others = [
      Object.assign(new TypeError(words), { code: "ERR_INVALID_URL", input: words }),
      Object.assign(new Error(words, { cause: new RangeError(words) }), { name: words, code: words }),
      Object.assign(new Error(`${words}\n    at /jean@example.fr:1:1`), { rawPacket: Buffer.from(words) }),
      new OutOfTimeError("1 of 2 is done", { cause: Object.assign(new Error(words), { detail: words }) }),
      words,
    ];
    for (const failure of others) {
      const { store, invoke } = doubling(() => Promise.reject(failure));
      const thrown = await invoke({ list: "daily", number: 1 }).catch((error: Error) => error);
      expect(thrown).toBeInstanceOf(NewsletterSyncError);
      const { message, stack } = thrown as Error;
      const told = [message, stack, JSON.stringify(thrown), JSON.stringify(storedReports(store)), ...printed];
      expect(told.join()).not.toMatch(/jean|s3cret|x\.example/);
    }
    const logged = printed.map((line) => JSON.parse(line)).find(({ message }) => message === "run failed");
    expect(logged.error).toMatchObject({
      name: "UnforeseenError",
      message: expect.stringContaining("ERR_INVALID_URL, which no run foresees"),
      actor: "operator",
      cause: {
        name: "ERR_INVALID_URL",
        stack: expect.arrayContaining([expect.stringContaining("create-handler.test.ts")]),
      },
    });
  });

  test("a run that others of its invocation follow stops early enough for them, but holds its lock as long as it may run", async () => {
    const times: number[] = [];
    const keep = async ({ startedAt, stopsAt, deadline }: Run<Report>) =>
      void times.push(...[stopsAt, deadline].map((time) => time.getTime() - startedAt.getTime()));
    await doubling(keep, { share: 1 / 3 }).invoke({ list: "daily", number: 1 });
    expect(times).toEqual([18_000, 60_000]);
  });

  test("the last line of the log is the summary, and names the report instead of repeating it", async () => {
    const { store, invoke } = doubling();
    await invoke({ list: "daily", number: 21 });
    const { message, summary, report, run, ...rest } = JSON.parse(printed.at(-1)!);
    expect({ message, summary }).toEqual({ message: "run succeeded", summary: "daily: doubled to 42" });
    expect([...store.objects.keys()]).toContain(report);
    expect(report).toContain(run);
    expect(JSON.stringify(rest)).not.toContain("doubled");
  });

  test("an error is logged once, with the summary: Lambda logs what is thrown by itself", async () => {
    const { invoke } = doubling(async () => {
      throw new OutOfTimeError("1 of 2 is done");
    });
    await expect(invoke({ list: "daily", number: 1 })).rejects.toThrow("1 of 2 is done");
    expect(printed.filter((line) => line.includes("1 of 2 is done"))).toEqual([printed.at(-1)]);
  });

  test("an error of ours says who acts next, in the log and in the report", async () => {
    const { store, invoke } = doubling(async () => {
      throw new OutOfTimeError("1 of 2 is done");
    });
    await expect(invoke({ list: "daily", number: 1 })).rejects.toThrow(OutOfTimeError);
    const error = { name: "OutOfTimeError", message: expect.any(String), actor: "next run" };
    const summary = "daily: doubled to 0; OutOfTimeError";
    expect(storedReports(store)).toMatchObject([{ error, summary }]);
    const logged = printed.map((line) => JSON.parse(line)).find((line) => line.message === "run failed");
    expect(logged).toMatchObject({
      level: "ERROR",
      summary,
      error: { name: "OutOfTimeError", actor: "next run" },
    });
  });

  describe("of a report of megabytes", () => {
    const files = Array.from({ length: 5000 }, (_, n) => ({
      event: "nl_unsubscribe",
      date: `2018-02-${n}`,
      sha256: "0".repeat(64),
      reason:
        "failed with ProviderUnavailableError: GET /stats failed 6 times, the last time with status 503",
    }));
    const linesAbove64KB = () => printed.filter((line) => Buffer.byteLength(line) > 64 * 1024);

    test("the answer has what fits, and the bucket all of it", async () => {
      const { store, invoke } = doubling(async ({ report }) => {
        report.files = files;
      });
      const answer = await invoke({ list: "daily", number: 21 });
      expect(answer).toEqual({
        summary: "daily: doubled to 42",
        report: expect.stringMatching(/^reports\//),
        startedBy: "hand",
        doubled: 42,
        leftOut: ["files"],
      });
      expect(storedReports(store)).toMatchObject([{ key: answer.report, doubled: 42, files }]);
      expect(linesAbove64KB()).toEqual([]);
    });

    test("the error and its line in the log name the first failures, and count the others", async () => {
      const { store, invoke } = doubling(async ({ report }) => {
        report.files = files;
        const cause = new ProviderContractError("GET /stats", "problem ".repeat(100_000));
        throw Object.assign(new ArchiveIncompleteError(files, { files: 5000, left: 0, next: undefined }), {
          cause,
        });
      });
      const failure = (await invoke({ list: "daily", number: 21 }).catch((error: Error) => error)) as Error;
      expect(failure.message).toMatch(/and 4980 more, which the report lists$/);
      expect(failure.message.length).toBeLessThan(8_000);
      expect(storedReports(store)).toMatchObject([{ outcome: "failed", files }]);
      expect(linesAbove64KB()).toEqual([]);
    });
  });

  test("progress is logged some ten times a phase, and at its end, whether or not its total was known", async () => {
    const { invoke } = doubling(async ({ progress }) => {
      for (let done = 0; done <= 50_000; done += 500) {
        progress("applying", done, 50_000);
        progress("reading", done);
      }
      progress("reading", 50_000, 50_000);
    });
    await invoke({ list: "daily", number: 1 });
    const steps = printed.map((line) => JSON.parse(line)).filter(({ message }) => message === "progress");
    const doneIn = (name: string) => steps.filter(({ phase }) => phase === name).map(({ done }) => done);
    expect(doneIn("applying")).toEqual(Array.from({ length: 11 }, (_, tenth) => tenth * 5000));
    expect(doneIn("reading").length).toBeLessThan(20);
    expect(steps.at(-1)).toMatchObject({ phase: "reading", done: 50_000, total: 50_000 });
  });

  test("an unknown list becomes neither a dimension nor a key", async () => {
    const { store, invoke } = doubling(async () => {
      throw new InvalidEventError("there is no such list", { list: "daily" });
    });
    await expect(invoke({ list: "weekly", number: 1 })).rejects.toThrow(InvalidEventError);
    expect(printed.map((line) => JSON.parse(line)).find((line) => line._aws)).toMatchObject({
      list: "unknown",
    });
    expect([...store.objects.keys()].join()).not.toContain("weekly");
  });

  test("aborts the run when a tenth of its time is left", async () => {
    vi.useFakeTimers();
    let msToWork = 0;
    const { invoke } = doubling(async (run) => {
      msToWork = run.stopsAt.getTime() - run.startedAt.getTime();
      await new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(run.signal.reason)));
    });
    const answer = invoke({ list: "daily", number: 1 }, lambda(100_000)).catch((error: Error) => error);
    await vi.advanceTimersByTimeAsync(89_999);
    const outcome = await Promise.race([answer, Promise.resolve("still running")]);
    expect(outcome).toBe("still running");
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toBeInstanceOf(OutOfTimeError);
    expect(msToWork).toBe(90_000);
    vi.useRealTimers();
  });
});

describe("at its end, a run", () => {
  let bus: EventBusServer;

  beforeAll(async () => {
    bus = await startEventBus("staging");
  });
  afterAll(() => bus.stop());
  beforeEach(() => {
    bus.events.length = 0;
    bus.fault = undefined;
    const credentials = { AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any", AWS_REGION: "eu-west-3" };
    for (const [name, value] of Object.entries({ ...bus.environment, ...credentials }))
      vi.stubEnv(name, value);
  });

  test("tells the bus once, when its report is stored", async () => {
    const before = bus.requests;
    const { store, invoke } = doubling();
    await invoke({ list: "daily", number: 21 });
    const [{ key, run }] = storedReports(store) as [{ key: string; run: string }];
    expect(bus.requests - before).toBe(1);
    expect(bus.events).toEqual([
      {
        source: "newsletter-sync",
        "detail-type": "run finished",
        detail: {
          environment: "staging",
          function: "doubling",
          list: "daily",
          run,
          outcome: "succeeded",
          startedBy: "hand",
          summary: "daily: doubled to 42",
          counts: { doubled: 42 },
          report: key,
        },
      },
    ]);
  });

  test("that failed tells the error and who acts next, and of what no run foresees not a word", async () => {
    const failing = doubling(() => Promise.reject(new OutOfTimeError("1 of 2 is done")));
    await failing.invoke({ list: "daily", number: 1 }).catch(() => undefined);
    const long = doubling(() => Promise.reject(new OutOfTimeError("x".repeat(10_000))));
    await long.invoke({ list: "daily", number: 1 }).catch(() => undefined);
    const unforeseen = doubling(() => Promise.reject(new Error("jean@example.fr")));
    await unforeseen.invoke({ list: "daily", number: 1 }).catch(() => undefined);
    expect(bus.events.map((event) => [event["detail-type"], event.detail.outcome])).toEqual(
      Array(3).fill(["run failed", "failed"]),
    );
    expect(bus.events[0]!.detail.error).toEqual({
      name: "OutOfTimeError",
      actor: "next run",
      message: expect.stringContaining("1 of 2 is done"),
    });
    expect(bus.events[1]!.detail.error!.message).toHaveLength(2000);
    expect(JSON.stringify(bus.events)).not.toContain("jean");
  });

  test("that waits for a person says so in the event's type", async () => {
    const refused = new UnsafePlanError([], { event: {}, text: "plan.md" });
    await doubling(() => Promise.reject(refused))
      .invoke({ list: "daily", number: 1 })
      .catch(() => undefined);
    expect(bus.events.map((event) => event["detail-type"])).toEqual(["plan refused"]);
  });

  test("that is a duplicate tells nobody", async () => {
    const before = bus.requests;
    await doubling(async ({ report }) => {
      report.duplicateOf = "the-first";
    }).invoke({ list: "daily", number: 1 });
    expect(bus.requests).toBe(before);
  });

  test.each<BusFault>(["status 500", "refused entry", "no answer"])(
    "is not harmed by a bus that fails (%s): it asks once, warns, and goes on",
    async (fault) => {
      bus.fault = fault;
      const before = bus.requests;
      const { invoke } = doubling();
      expect(await invoke({ list: "daily", number: 21 }, lambda(1_200))).toMatchObject({ doubled: 42 });
      expect(bus.requests - before).toBe(1);
      const last = JSON.parse(printed.at(-1)!);
      expect(last).toMatchObject({ level: "WARN", message: "the event could not be put" });
      expect(last.reason).toMatch(/^[A-Z]\w+$/);
    },
  );

  test("tells nobody where no bus is named", async () => {
    vi.stubEnv("EVENT_BUS", "");
    const before = bus.requests;
    await doubling().invoke({ list: "daily", number: 21 });
    expect(bus.requests).toBe(before);
  });
});
