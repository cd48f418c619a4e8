import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import {
  ConfigurationError,
  InvalidEventError,
  ListBusyError,
  OutOfTimeError,
  ProviderRefusalError,
  SourceError,
  UnsafeImportError,
} from "../../functions/domain/errors.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { withListLock } from "../../functions/platform/storage/list-lock.ts";
import { sourceOf } from "../support/desired-rows.ts";
import { testRun } from "../support/test-run.ts";
import { ImportWorld } from "./import-world.ts";

const anna = { email: "anna@example.fr", fields: { guid: "1", data_firstname: "Anna" } };
const bruno = { email: "Bruno@Example.fr", fields: { guid: "2" } };
const chloe = { email: "chloe@example.fr", subscribed: false, cause: "READER" } as const;
const david = { email: "david@example.fr", subscribed: false } as const;

const byEmail = (rows: Record<string, string>[]) =>
  Object.fromEntries(rows.map(({ email, ...values }) => [email, values]));

describe("what is written", () => {
  test("an active reader has no status, so that nobody can be resubscribed; an unsubscribed one has a cause", async () => {
    const world = new ImportWorld(anna, bruno, chloe, david);
    const report = await world.run();
    expect(byEmail(world.written)).toEqual({
      "anna@example.fr": { subscribed: "", unsubscribed_cause: "", guid: "1", data_firstname: "Anna" },
      "Bruno@Example.fr": { subscribed: "", unsubscribed_cause: "", guid: "2", data_firstname: "" },
      "chloe@example.fr": {
        subscribed: "false",
        unsubscribed_cause: "READER",
        guid: "",
        data_firstname: "",
      },
      "david@example.fr": {
        subscribed: "false",
        unsubscribed_cause: "PUBLISHER",
        guid: "",
        data_firstname: "",
      },
    });
    expect(report.rows).toEqual({
      active: 2,
      unsubscribed: 2,
      rejected: 0,
      duplicates: 0,
      sharedGuids: 0,
    });
  });

  test("has no guid column if the source has none", async () => {
    const world = new ImportWorld({ email: "a@example.fr" });
    world.columns = ["data_firstname"];
    await world.run();
    expect(world.written).toEqual([
      { email: "a@example.fr", subscribed: "", unsubscribed_cause: "", data_firstname: "" },
    ]);
  });

  test("has no status for a consent: only the sync, which knows both sides, resubscribes", async () => {
    const world = new ImportWorld({ ...anna, consentedAt: Date.UTC(2026, 4, 1) });
    await world.run();
    expect(world.written).toMatchObject([{ subscribed: "", unsubscribed_cause: "" }]);
  });

  test("leaves out, counts and sets aside undeliverable and repeated addresses", async () => {
    const world = new ImportWorld(anna, { email: "no address" }, { email: "ANNA@example.fr " });
    const { rows } = await world.run();
    expect(rows).toMatchObject({ active: 1, rejected: 1, duplicates: 1 });
    expect(world.written).toMatchObject([{ email: "anna@example.fr" }]);
    expect(await world.quarantined()).toEqual([
      { email: "anna@example.fr", reason: "another row of this e-mail address counts" },
      { email: "no address", reason: "no provider takes this e-mail address" },
    ]);
  });

  test("among rows of one address, an unsubscribed one counts, in any order", async () => {
    const world = new ImportWorld(anna, bruno, { ...chloe, email: "Anna@example.fr" });
    await world.run();
    expect(byEmail(world.written)["Anna@example.fr"]).toMatchObject({
      subscribed: "false",
      unsubscribed_cause: "READER",
    });
    expect(world.written).toHaveLength(2);
  });

  test("among readers who share a guid, one keeps it, since the provider would ignore the others", async () => {
    const rows = ["a", "b", "c"].map((name) => ({ email: `${name}@example.fr`, fields: { guid: "same" } }));
    const world = new ImportWorld(...rows);
    expect((await world.run()).rows).toMatchObject({ active: 3, sharedGuids: 2 });
    expect(world.written.map(({ guid }) => guid).sort()).toEqual(["", "", "same"]);
  });

  test("sets aside rows that the source rejected, with their places", async () => {
    const world = new ImportWorld(anna);
    const rejected = [{ place: "line 3", reason: "email is empty", email: "", unsubscribed: false }];
    world.openSource = async () => {
      const source = sourceOf(world.rows, world);
      return {
        ...source,
        async *blocks() {
          for await (const { records } of source.blocks()) {
            yield { records, rejected, unreadableConsents: [] };
          }
        },
      };
    };
    expect((await world.run()).rows).toMatchObject({ active: 1, rejected: 1 });
    expect(await world.quarantined()).toEqual(rejected);
  });

  test("quotes a value that could be taken for two, or be trimmed", async () => {
    const values = ["a;b", "a,b", " a", "a ", "a\tb", "a\rb", 'a"b', "plain"];
    const world = new ImportWorld(
      ...values.map((data_firstname, index) => ({
        email: `r${index}@example.fr`,
        fields: { data_firstname },
      })),
    );
    const { files } = await world.run();
    const csv = world.files.textOf(files[0]!.key);
    const quoted = ['"a;b"', '"a,b"', '" a"', '"a "', '"a\tb"', '"a\rb"', '"a""b"', "plain"];
    for (const [index, value] of quoted.entries())
      expect(csv).toContain(`r${index}@example.fr,,,,${value}\n`);
  });

  test("leaves nothing on this machine's disk, even if the run fails", async () => {
    const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
    vi.stubEnv("TMPDIR", folder);
    const world = new ImportWorld(anna, bruno);
    await world.run();
    world.files.onCall = () => {
      expect(readdirSync(folder)).toHaveLength(1);
      throw new Error("S3 is down");
    };
    await expect(world.run()).rejects.toThrow("S3 is down");
    expect(readdirSync(folder)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
});

describe("the files", () => {
  test("have no more rows than configured, and a header each", async () => {
    const world = new ImportWorld(
      ...Array.from({ length: 7 }, (_, index) => ({ email: `r${index}@example.fr` })),
    );
    world.settings = { import: { rowsPerFile: 3 } };
    const { files } = await world.run();
    expect(files.map(({ rows }) => rows)).toEqual([3, 3, 1]);
    expect(new Set(world.written.map(({ email }) => email)).size).toBe(7);
    for (const { key, bytes } of files) {
      expect(world.files.textOf(key)).toMatch(/^email,subscribed,unsubscribed_cause,guid,data_firstname\n/);
      expect(world.files.files.get(key)?.bytes.length).toBe(bytes);
    }
  });

  test("do not end with an empty one if the rows fill the last one", async () => {
    const world = new ImportWorld(anna, bruno);
    world.settings = { import: { rowsPerFile: 2 } };
    expect((await world.run()).files).toHaveLength(1);
  });

  test("are announced one by one, with links that live as long as configured", async () => {
    const world = new ImportWorld(anna, bruno);
    world.settings = { import: { rowsPerFile: 1, linkMinutes: 5 } };
    const { files } = await world.run();
    expect(files.map((file) => file.import)).toEqual([
      { id: 1, status: "uploaded" },
      { id: 2, status: "uploaded" },
    ]);
    expect(world.importer.links).toEqual(
      files.map(({ key }) => `https://files.invalid/${key}?lifeMs=300000`),
    );
  });

  test("of a dry run are written, without a request to the provider", async () => {
    const world = new ImportWorld(anna);
    const report = await world.run({ dryRun: true });
    expect(world.written).toHaveLength(1);
    expect(report).toMatchObject({ dryRun: true, requests: { sent: 0 }, files: [{ rows: 1 }] });
    expect(world.importer.requests.sent).toBe(0);
  });

  test("are not announced, not even the first, if S3 fails on a later one", async () => {
    const world = new ImportWorld(anna, bruno);
    world.settings = { import: { rowsPerFile: 1 } };
    let uploads = 0;
    world.files.onCall = ({ operation }) => {
      if (operation === "upload" && ++uploads > 2) throw new Error("S3 is down");
    };
    await expect(world.run()).rejects.toThrow("S3 is down");
    expect(world.importer.links).toEqual([]);
    expect(world.sourcesClosed).toBe(1);
  });

  test("are not announced if the source fails midway", async () => {
    const world = new ImportWorld();
    world.openSource = async () => ({
      ...sourceThatFails(),
      columns: [],
    });
    await expect(world.run()).rejects.toThrow(SourceError);
    expect(world.files.files.size).toBe(0);
    expect(world.importer.links).toEqual([]);
  });

  test("get a note if the provider received another length", async () => {
    const world = new ImportWorld(anna);
    world.importer.answer = () => ({ id: 9, status: "uploaded", bytes: 12 });
    const { notes, files } = await world.run();
    expect(notes[0]).toBe(
      `the provider says that the file of import 9 has 12 bytes, but it has ${files[0]?.bytes}`,
    );
  });
});

describe("the provider's counts", () => {
  const world = () => {
    const world = new ImportWorld(anna);
    world.settings = { import: { settleSeconds: 120 } };
    return world;
  };
  const counts = (...subscribed: number[]) =>
    subscribed.map((count) => ({ subscribed: count, unsubscribed: 1 }));

  test("are watched until they have moved and settled", async () => {
    const moving = world();
    moving.importer.counts = counts(10, 10, 10, 10, 10, 15, 20, 20, 20, 20);
    const { before, after, settled, notes } = await moving.run();
    expect({ before: before.subscribed, after: after.subscribed, settled, notes }).toEqual({
      before: 10,
      after: 20,
      settled: true,
      notes: [],
    });
  });

  test("that never move are watched as long as configured, and noted", async () => {
    const still = world();
    let waitedMs = 0;
    still.sleep = async (ms) => {
      waitedMs += ms;
    };
    const { settled, after, notes } = await still.run();
    expect({ settled, waitedMs }).toEqual({ settled: false, waitedMs: 120_000 });
    expect(after).toEqual({ subscribed: 10, unsubscribed: 1 });
    expect(notes).toEqual([expect.stringContaining("did not settle")]);
  });

  test("are watched without the list's lock", async () => {
    const watching = world();
    const now = new Date(Date.UTC(2026, 5, 1));
    const lock = { list: "daily", runId: "other", now, expiresAt: new Date(now.getTime() + 1000) };
    let looks = 0;
    watching.sleep = () => withListLock(watching.store, lock, async () => looks++);
    await watching.run();
    expect(looks).toBeGreaterThan(0);
  });

  test("that the run has no time left to watch do not fail it", async () => {
    const slow = world();
    const stop = new AbortController();
    slow.sleep = async (_ms, signal) => {
      stop.abort(new OutOfTimeError("it was cut short"));
      signal.throwIfAborted();
    };
    const run = testRun<ImportReport>({ signal: stop.signal });
    expect(await slow.run({}, run)).toMatchObject({ settled: false, files: [{ import: { id: 1 } }] });
  });

  test("that cannot be read fail the run, and the report says what was announced", async () => {
    const refusing = world();
    refusing.sleep = async () => {
      throw new ProviderRefusalError("GET /count", 403, "does the account include this call?");
    };
    const run = testRun<ImportReport>();
    await expect(refusing.run({}, run)).rejects.toThrow(ProviderRefusalError);
    expect(run.report.files).toMatchObject([{ import: { id: 1 } }]);
  });
});

describe("a file that would unsubscribe many", () => {
  const leaving = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ email: `r${index}@example.fr`, subscribed: false }));
  const limits = { unsubscribe: { ratio: 0.1, floor: 5 } };

  test("is refused before any file is announced, with the event that approves it", async () => {
    const world = new ImportWorld(...leaving(20));
    world.settings = { limits };
    world.importer.counts = [{ subscribed: 100, unsubscribed: 2 }];
    const run = testRun<ImportReport>();
    const refusal = await world.run({}, run).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(UnsafeImportError);
    expect(String(refusal)).toContain("it would unsubscribe up to 20 of 100 subscribers (20.0 %)");
    expect(String(refusal)).toContain('{"list":"daily","allowUnsubscribed":20}');
    expect(world.importer.links).toEqual([]);
    expect(world.written).toHaveLength(20);
    await world.run({ allowUnsubscribed: 20 });
    expect(world.importer.links).toHaveLength(1);
  });

  test.each([
    ["by a person", {}, { allowUnsubscribed: 20 }],
    ["for every import of a source that keeps old opt-outs", { allowUnsubscribed: 20 }, {}],
  ])(
    "is announced if it was approved %s, and refused once it has grown beyond that",
    async (_, settings, event) => {
      const world = new ImportWorld(...leaving(30));
      world.settings = { limits, import: settings };
      world.importer.counts = [{ subscribed: 100, unsubscribed: 2_000 }];
      await world.run(event);
      expect(world.importer.links).toHaveLength(1);
      world.rows = leaving(31);
      await expect(world.run(event)).rejects.toThrow(UnsafeImportError);
    },
  );

  test.each([
    ["it is the first load", { subscribed: 0, unsubscribed: 0 }],
    ["they are few of a large list", { subscribed: 1000, unsubscribed: 0 }],
  ])("is announced if %s", async (_, counted) => {
    const world = new ImportWorld(...leaving(20));
    world.settings = { limits };
    world.importer.counts = [counted];
    await world.run();
    expect(world.importer.links).toHaveLength(1);
  });
});

describe("a run stops", () => {
  test("when the provider refuses a file, and reports which were announced", async () => {
    const world = new ImportWorld(anna, bruno);
    world.settings = { import: { rowsPerFile: 1 } };
    world.importer.answer = () => {
      if (world.importer.links.length === 1) return { id: 1, status: "uploaded" };
      throw new ProviderRefusalError("POST /files", 400, "the request is not what the provider expects");
    };
    const run = testRun<ImportReport>();
    await expect(world.run({}, run)).rejects.toThrow(ProviderRefusalError);
    expect(run.report.files?.map((file) => file.import?.id)).toEqual([1, undefined]);
    expect(run.report.before).toEqual({ subscribed: 10, unsubscribed: 1 });
  });

  test("when its time is nearly over, without announcing a file", async () => {
    const world = new ImportWorld(anna, bruno);
    const stop = new AbortController();
    world.files.onCall = () => stop.abort(new OutOfTimeError("it was cut short"));
    const run = testRun<ImportReport>({ signal: stop.signal });
    await expect(world.run({}, run)).rejects.toThrow(/no file was announced/);
    expect(world.importer.links).toEqual([]);
    expect(world.sourcesClosed).toBe(1);
  });

  test("when its time is over between two files, and says how many were announced", async () => {
    const world = new ImportWorld(anna, bruno);
    world.settings = { import: { rowsPerFile: 1 } };
    const stop = new AbortController();
    world.importer.answer = () => {
      stop.abort(new OutOfTimeError("it was cut short"));
      if (world.importer.links.length === 2) stop.signal.throwIfAborted();
      return { id: 1, status: "uploaded" };
    };
    const run = testRun<ImportReport>({ signal: stop.signal });
    await expect(world.run({}, run)).rejects.toThrow(
      /2 of 2 files were announced, the last one perhaps in vain/,
    );
  });

  test("when its time is over during an announcement, and says that this one is uncertain", async () => {
    const world = new ImportWorld(anna);
    const stop = new AbortController();
    world.importer.answer = () => {
      stop.abort(new OutOfTimeError("it was cut short"));
      throw stop.signal.reason;
    };
    const run = testRun<ImportReport>({ signal: stop.signal });
    await expect(world.run({}, run)).rejects.toThrow(
      /1 of 1 files were announced, the last one perhaps in vain/,
    );
  });

  test("when another run works on the list", async () => {
    const world = new ImportWorld(anna);
    const now = new Date(Date.UTC(2026, 5, 1));
    const lock = { list: "daily", runId: "other", now, expiresAt: new Date(now.getTime() + 1000) };
    await withListLock(world.store, lock, async () => {
      await expect(world.run()).rejects.toThrow(ListBusyError);
    });
    expect(world.files.files.size).toBe(0);
  });

  test("when no row has a usable address", async () => {
    const world = new ImportWorld({ email: "nobody" }, { email: "nowhere" });
    await expect(world.run()).rejects.toThrow("none of its 2 rows has an address");
    expect(world.importer.links).toEqual([]);
    expect(await world.quarantined()).toHaveLength(2);
  });

  test("before it reads anything if the provider has no imports for the list", async () => {
    const world = new ImportWorld(anna);
    world.openImporter = () => {
      throw new ConfigurationError("lists.daily.id", "an import needs it");
    };
    world.openSource = async () => expect.unreachable();
    await expect(world.run()).rejects.toThrow(ConfigurationError);
  });

  test("when there is no such list", async () => {
    await expect(new ImportWorld(anna).run({ list: "weekly" })).rejects.toThrow(InvalidEventError);
  });
});

function sourceThatFails() {
  return {
    givesConsents: false,
    readAt: 0,
    // biome-ignore lint/correctness/useYield: it fails before its first block
    async *blocks(): AsyncGenerator<never> {
      throw new SourceError("row 5000", "the connection was lost");
    },
    close: async () => {},
  };
}
