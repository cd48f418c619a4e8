import { describe, expect, test } from "vitest";
import {
  ConfigurationError,
  InvalidEventError,
  ListBusyError,
  OutOfTimeError,
  SourceError,
} from "../../functions/domain/errors.ts";
import { ProviderRefusalError } from "../../functions/domain/provider-errors.ts";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { withListLock } from "../../functions/platform/storage/list-lock.ts";
import { sourceOf } from "../support/desired-rows.ts";
import { testRun } from "../support/test-run.ts";
import { emails, held, ImportWorld, left } from "./import-world.ts";

const consentedAt = Date.UTC(2026, 4, 20);
const anna = { email: "anna@example.fr", fields: { guid: "1", data_firstname: "Anna" } };
const bruno = { email: "Bruno@Example.fr", fields: { guid: "2" } };
const none = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };

describe("what is written", () => {
  test("a status stands only in unsubscriptions, with their cause; who comes back is left to the sync", async () => {
    const world = new ImportWorld(
      [
        ["leaves@example.fr", held()],
        ["missing@example.fr", held()],
        ["returns@example.fr", left("READER")],
        ["changes@example.fr", held({ data_firstname: "Old" })],
        ["gains@example.fr", held()],
      ],
      [
        { email: "leaves@example.fr", subscribed: false, cause: "READER" },
        { email: "returns@example.fr", consentedAt },
        { email: "changes@example.fr", fields: { data_firstname: "New" } },
        { email: "gains@example.fr", fields: { data_firstname: "Given" } },
        anna,
      ],
    );
    const { files, notes } = await world.run();
    expect(notes).toContain("resubscriptions that are left to sync-subscribers: 1");
    expect(files.map(({ group }) => group)).toEqual(["optOut", "missing", "subscribe", "update", "fill"]);
    const blank = { subscribed: "", unsubscribed_cause: "" };
    expect(world.announced).toEqual([
      { email: "leaves@example.fr", subscribed: "false", unsubscribed_cause: "READER" },
      { email: "missing@example.fr", subscribed: "false", unsubscribed_cause: "PUBLISHER" },
      { email: "anna@example.fr", ...blank, guid: "1", data_firstname: "Anna" },
      { email: "changes@example.fr", ...blank, guid: "", data_firstname: "New" },
      { email: "gains@example.fr", ...blank, guid: "", data_firstname: "Given" },
    ]);
  });

  test("nobody who opted out or bounced under another spelling is in a file", async () => {
    const world = new ImportWorld(
      [
        ["Jean.Dupont@Example.fr", left("READER")],
        ["LEA@example.fr", left("HARD_BOUNCE")],
        ["max@bücher.example", left("READER")],
        ["stays@example.fr", held()],
      ],
      [
        { email: "jean.dupont@example.fr" },
        { email: "lea@example.fr" },
        { email: "max@xn--bcher-kva.example" },
        { email: "stays@example.fr" },
      ],
    );
    const { kept, files } = await world.run();
    expect(files).toEqual([]);
    expect(kept).toMatchObject({ optedOut: 2, bounced: 1 });
    expect(world.provider.subscribers.size).toBe(4);
  });

  test("nobody who is kept is in a file: undecided, shielded, recent, unsubscribed by the publisher", async () => {
    const world = new ImportWorld(
      [
        ["undecided@example.fr", held()],
        ["shielded@example.fr", held({ guid: "r-1" })],
        ["recent@example.fr", { ...held(), subscribedAt: Date.UTC(2026, 5, 1, 1) }],
        ["by-publisher@example.fr", left("PUBLISHER")],
      ],
      [
        { email: "undecided@example.fr", subscribed: undefined },
        { email: "not an address", fields: { guid: "r-1" } },
        { email: "recent@example.fr", subscribed: false },
        { email: "by-publisher@example.fr" },
      ],
    );
    const { kept, files } = await world.run();
    expect(files).toEqual([]);
    expect(kept).toMatchObject({ undecided: 1, shielded: 1, recent: 1, publisher: 1 });
  });

  test("nobody whose guid opted out under another address is in a file", async () => {
    const world = new ImportWorld(
      [["claire.old@example.fr", left("READER", { guid: "r-77" })]],
      [{ email: "claire.new@example.fr", fields: { guid: "r-77" }, consentedAt: Date.UTC(2024, 0, 1) }, anna],
    );
    expect((await world.run()).kept.optedOut).toBe(1);
    expect(world.announced.map(({ email }) => email)).toEqual(["anna@example.fr"]);
  });

  test("a known address is spelled as the provider spells it, a new one with its domain as it is compared", async () => {
    const world = new ImportWorld(
      [["ANNA@Example.fr", held()]],
      [anna, { email: "Chloé@BÜCHER.example" }, { email: "David@EXAMPLE.fr" }],
    );
    await world.run();
    expect(world.announced.map(({ email }) => email)).toEqual([
      "Chloé@xn--bcher-kva.example",
      "David@example.fr",
      "ANNA@Example.fr",
    ]);
  });

  test("an update has every value that the provider shows, and its guid only if that changes", async () => {
    const world = new ImportWorld(
      [
        ["anna@example.fr", held({ guid: "1", data_firstname: "Ann", data_city: "Lyon" })],
        ["bruno@example.fr", held({ guid: "0", data_firstname: "Bruno", data_city: "Paris" })],
      ],
      [
        { ...anna, fields: { ...anna.fields, data_city: "Lyon" } },
        { email: "bruno@example.fr", fields: { guid: "2", data_firstname: "Bruno", data_city: "Paris" } },
      ],
    );
    world.columns = ["guid", "data_firstname", "data_city"];
    await world.run();
    expect(world.announced).toMatchObject([
      { email: "anna@example.fr", guid: "", data_firstname: "Anna", data_city: "Lyon" },
      { email: "bruno@example.fr", guid: "2", data_firstname: "Bruno", data_city: "Paris" },
    ]);
  });

  test("an update has no column that the provider does not show: an empty value would clear it", async () => {
    const world = new ImportWorld([["anna@example.fr", held({ guid: "0", data_firstname: "Ann" })]], [anna]);
    world.provider.showsData = false;
    await world.run();
    expect(world.announced).toEqual([
      { email: "anna@example.fr", subscribed: "", unsubscribed_cause: "", guid: "1" },
    ]);
  });

  test("has no guid column if the source has none", async () => {
    const world = new ImportWorld([], [{ email: "a@example.fr" }]);
    world.columns = ["data_firstname"];
    await world.run();
    expect(world.announced).toEqual([
      { email: "a@example.fr", subscribed: "", unsubscribed_cause: "", data_firstname: "" },
    ]);
  });

  test("leaves out, counts and sets aside undeliverable addresses, and rows that the source rejected", async () => {
    const world = new ImportWorld([], [anna, { email: "no address" }, { email: "ANNA@example.fr " }]);
    const rejected = [{ place: "line 3", reason: "email is empty", email: "", unsubscribed: false }];
    world.openSource = async () => {
      const source = sourceOf(world.rows, world);
      return {
        ...source,
        async *blocks() {
          yield { records: { bytes: new Uint8Array(), count: 0 }, rejected, unreadableConsents: [] };
          yield* source.blocks();
        },
      };
    };
    const { desired } = await world.run();
    expect(desired).toMatchObject({ subscribed: 1, rejected: 2, duplicates: 1 });
    expect(world.announced.map(({ email }) => email)).toEqual(["anna@example.fr"]);
    // Once, although both sides are read again after the import.
    expect(await world.quarantined()).toEqual([
      { place: "line 3", reason: "email is empty", email: "" },
      { email: "no address", reason: "no provider takes this e-mail address" },
    ]);
  });

  test("among readers who share a guid, one keeps it, since the provider would ignore the others", async () => {
    const rows = ["a", "b", "c"].map((name) => ({ email: `${name}@example.fr`, fields: { guid: "same" } }));
    const world = new ImportWorld([], rows);
    expect((await world.run()).desired).toMatchObject({ subscribed: 3, sharedGuids: 2 });
    expect(world.announced.map(({ guid }) => guid).sort()).toEqual(["", "", "same"]);
  });

  test("quotes a value that could be taken for two, or be trimmed", async () => {
    const values = ["a;b", "a,b", " a", "a ", "a\tb", "a\rb", 'a"b', "\u00a0a", "plain"];
    const world = new ImportWorld(
      [],
      values.map((data_firstname, index) => ({ email: `r${index}@example.fr`, fields: { data_firstname } })),
    );
    const { files } = await world.run();
    const csv = world.files.textOf(files[0]!.key);
    const quoted = ['"a;b"', '"a,b"', '" a"', '"a "', '"a\tb"', '"a\rb"', '"a""b"', '"\u00a0a"', "plain"];
    for (const [index, value] of quoted.entries())
      expect(csv).toContain(`r${index}@example.fr,,,,${value}\n`);
  });
});

describe("the files", () => {
  test("have no more rows than configured, and a header each", async () => {
    const world = new ImportWorld(
      [],
      emails(0, 7).map((email) => ({ email })),
    );
    world.settings = { import: { rowsPerFile: 3 } };
    const { files } = await world.run();
    expect(files.map(({ rows }) => rows)).toEqual([3, 3, 1]);
    expect(new Set(world.announced.map(({ email }) => email)).size).toBe(7);
    for (const { key, bytes } of files) {
      expect(world.files.textOf(key)).toMatch(/^email,subscribed,unsubscribed_cause,guid,data_firstname\n/);
      expect(world.files.files.get(key)?.bytes.length).toBe(bytes);
    }
  });

  test("do not end with an empty one if the rows fill the last one", async () => {
    const world = new ImportWorld([], [anna, bruno]);
    world.settings = { import: { rowsPerFile: 2 } };
    expect((await world.run()).files).toHaveLength(1);
  });

  test("are announced one by one, with links that live as long as configured", async () => {
    const world = new ImportWorld([], [anna, bruno]);
    world.settings = { import: { rowsPerFile: 1, linkMinutes: 5 } };
    const { files } = await world.run();
    expect(files.map((file) => file.import)).toEqual([
      { id: 1, status: "uploaded" },
      { id: 2, status: "uploaded" },
    ]);
    expect(world.provider.links).toEqual(
      files.map(({ key }) => `https://files.invalid/${key}?lifeMs=300000`),
    );
  });

  test("of a dry run are written and not announced, and it says what would become of them", async () => {
    const world = new ImportWorld([], [anna]);
    const report = await world.run({ dryRun: true });
    expect(report).toMatchObject({ dryRun: true, files: [{ rows: 1 }], check: { safe: true } });
    expect(report.notes.at(-1)).toContain(`{"list":"daily","apply":"${report.planId}"}`);
    expect([world.provider.links, report.remaining]).toEqual([[], undefined]);
  });

  test("are not announced, not even the first, if S3 fails on a later one", async () => {
    const world = new ImportWorld([], [anna, bruno]);
    world.settings = { import: { rowsPerFile: 1 } };
    let uploads = 0;
    world.files.onCall = ({ operation }) => {
      if (operation === "upload" && ++uploads > 2) throw new Error("S3 is down");
    };
    await expect(world.run()).rejects.toThrow("S3 is down");
    expect([world.provider.links, world.sourcesOpen]).toEqual([[], 0]);
  });

  test("are not written if the source fails midway", async () => {
    const world = new ImportWorld([], []);
    world.openSource = async () => ({
      ...sourceOf([]),
      // biome-ignore lint/correctness/useYield: it fails before its first block
      async *blocks() {
        throw new SourceError("line 7", "has 3 columns, but the header has 2");
      },
    });
    await expect(world.run()).rejects.toThrow(SourceError);
    expect([world.files.files.size, world.provider.links]).toEqual([0, []]);
  });

  test("get a note if the provider received another length", async () => {
    const world = new ImportWorld([], [anna]);
    world.provider.answer = () => ({ id: 9, status: "uploaded", bytes: 12 });
    const { notes, files } = await world.run();
    expect(notes).toEqual([
      `the provider says that the file of import 9 has 12 bytes, but it has ${files[0]?.bytes}`,
    ]);
  });

  test("are none if both sides agree: then nothing is announced or waited for", async () => {
    const world = new ImportWorld([["anna@example.fr", held(anna.fields)]], [anna]);
    world.sleep = () => expect.unreachable();
    expect(await world.run()).toMatchObject({ files: [], remaining: none, planned: { unchanged: 1 } });
  });
});

describe("a run stops", () => {
  test("when the provider refuses a file, and reports which were announced", async () => {
    const world = new ImportWorld([], [anna, bruno]);
    world.settings = { import: { rowsPerFile: 1 } };
    world.provider.answer = () => {
      if (world.provider.links.length === 1) return { id: 1, status: "uploaded" };
      throw new ProviderRefusalError("POST /files", 400, "the request is not what the provider expects");
    };
    const run = testRun<ImportReport>();
    await expect(world.run({}, run)).rejects.toThrow(ProviderRefusalError);
    expect(run.report.files?.map((file) => file.import?.id)).toEqual([1, undefined]);
    expect(run.report.before).toEqual({ subscribed: 0, unsubscribed: 0 });
    expect(run.report.remaining).toBeUndefined();
  });

  test("when its time is nearly over, without announcing a file", async () => {
    const world = new ImportWorld([], [anna, bruno]);
    const stop = new AbortController();
    world.files.onCall = () => stop.abort(new OutOfTimeError("it was cut short"));
    const run = testRun<ImportReport>({ signal: stop.signal });
    await expect(world.run({}, run)).rejects.toThrow(/no file was announced/);
    expect(world.provider.links).toEqual([]);
  });

  test("when its time is over during an announcement, and says that this one is uncertain", async () => {
    const world = new ImportWorld([], [anna, bruno]);
    world.settings = { import: { rowsPerFile: 1 } };
    const stop = new AbortController();
    world.provider.answer = () => {
      if (world.provider.links.length === 1) return { id: 1, status: "uploaded" };
      stop.abort(new OutOfTimeError("it was cut short"));
      throw stop.signal.reason;
    };
    const run = testRun<ImportReport>({ signal: stop.signal });
    await expect(world.run({}, run)).rejects.toThrow(
      /2 of 2 files were announced, of which the last one may not have reached the provider/,
    );
  });

  test("when another run has the list's lock", async () => {
    const world = new ImportWorld([], [anna]);
    const now = new Date(Date.UTC(2026, 5, 1));
    const lock = { list: "daily", runId: "other", now, expiresAt: new Date(now.getTime() + 1000) };
    await withListLock(world.store, lock, async () => {
      await expect(world.run()).rejects.toThrow(ListBusyError);
    });
  });

  test("before it reads anything if the provider has no imports for the list", async () => {
    const world = new ImportWorld([], [anna]);
    world.openImporter = () => {
      throw new ConfigurationError("lists.daily.id", "an import needs it");
    };
    world.openSource = async () => expect.unreachable();
    await expect(world.run()).rejects.toThrow(ConfigurationError);
  });

  test("when there is no such list", async () => {
    await expect(new ImportWorld([], []).run({ list: "weekly" })).rejects.toThrow(InvalidEventError);
  });

  test("when no row of the source can be anyone's", async () => {
    const world = new ImportWorld([["anna@example.fr", held()]], [{ email: "no address" }]);
    await expect(world.run()).rejects.toThrow(/each of the 1 was set aside/);
    expect(world.provider.links).toEqual([]);
  });
});
