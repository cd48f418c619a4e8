import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReaderAnswer } from "../../functions/look-up-reader/look-up-reader.ts";
import type { LookUpReport } from "../../functions/look-up-reader/report.ts";
import { openListMemory } from "../../functions/platform/storage/list-memory.ts";
import { eventsKey, tableKey } from "../../functions/platform/storage/object-keys.ts";
import { type FunctionName, functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { sampleDatabase, sampleQuery } from "../../infra/local/sample-data.ts";
import { ownpageSample, sampleSubscribers } from "../../infra/local/sample-ownpage.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import * as constantContact from "../../infra/sandbox/constant-contact/start-sandbox.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { Buckets } from "./buckets.ts";

// One night after the other, as runs write it: both providers, PostgreSQL, files, and an archive.

let postgres: EmbeddedPostgres;
let database: pg.Client;
let sandbox: Sandbox;
let magazine: constantContact.Sandbox;
let aws: LocalAws;
let buckets: Buckets;
let folder: string;
const functions: Partial<Record<FunctionName, LocalFunction>> = {};
const lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-look-up-"));
  postgres = await startPostgres();
  database = new pg.Client(postgres.url);
  await database.connect();
  await database.query(sampleDatabase(ownpageSample.readers));
  sandbox = await startSandbox({
    lists: [{ id: 123, subscribers: sampleSubscribers(new Date()) }, { id: 124 }],
  });
  magazine = await constantContact.startSandbox({
    contacts: [
      { email: "emma@example.fr", list_memberships: [dailyList] },
      { email: "Anna@Example.fr", list_memberships: [dailyList] },
    ],
  });
  aws = await startLocalAws({
    variables: {},
    secrets: { ownpage: sandbox.credentials, magazine: magazine.credentials, database: postgres.secret },
  });
  buckets = new Buckets(aws.environment);
  writeSource(
    "weekly",
    "email,data_city\nanna@example.fr,Lyon\nAnna@EXAMPLE.fr,Lyon\nbob@example.fr,Nantes\n",
  );
  writeSource(
    "magazine",
    "email,consented_at\nanna@example.fr,\nemma@example.fr,\nzoe@example.fr,2026-01-01\n",
  );
  for (const name of ["sync-subscribers", "import-subscribers", "look-up-reader"] as const) {
    functions[name] = await startLocalFunction({
      functionName: name,
      configuration: functionConfiguration(parseConfiguration(configuration()), name),
      environment: aws.environment,
      timeoutMs: 60_000,
      onLine: (line) => lines.push(line),
    });
  }
});
afterAll(async () => {
  for (const fn of Object.values(functions)) await fn.stop();
  await database.end();
  await Promise.all([postgres.stop(), sandbox.stop(), magazine.stop(), aws.stop()]);
  rmSync(folder, { recursive: true });
});

const sourcePath = (list: string) => join(folder, `${list}.csv`);

function writeSource(list: string, text: string): void {
  writeFileSync(sourcePath(list), text);
}

function configuration(): object {
  const provider = { kind: "ownpage", baseUrl: sandbox.url, secret: "ownpage" };
  const csv = (list: string) => ({ kind: "csv", uri: pathToFileURL(sourcePath(list)).href });
  const daily = {
    id: 123,
    source: { kind: "postgres", secret: "database", query: sampleQuery(ownpageSample.firstName) },
    returns: { kind: "postgres", secret: "database", statements: ownpageSample.statements },
  };
  const { url: baseUrl, tokenUrl } = magazine;
  const atMagazine = { kind: "constant-contact", baseUrl, tokenUrl, secret: "magazine" };
  return {
    provider,
    lists: {
      daily,
      weekly: { id: 124, source: csv("weekly"), returns: { kind: "csv" } },
      magazine: { id: dailyList, source: csv("magazine"), provider: atMagazine, joinKnown: "always" },
    },
  };
}

async function invoke<Answer>(name: FunctionName, event: object): Promise<Answer> {
  const result = await functions[name]!.invoke(event);
  if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
  return result.payload as Answer;
}

const lookUp = (event: object) => invoke<ReaderAnswer & LookUpReport>("look-up-reader", event);

describe("a reader is told", () => {
  beforeAll(async () => {
    await invoke("import-subscribers", { list: "weekly", dryRun: true });
    for (const list of ["daily", "weekly", "magazine", "daily"]) {
      await invoke("sync-subscribers", { list, mode: "apply" });
    }
  });

  test("by what both sides say, what a run would do and why, and what runs did", async () => {
    const { told, page } = await lookUp({ email: "Emma@EXAMPLE.fr", list: "daily" });
    expect(told["daily"]).toMatchObject({
      inWords: expect.stringMatching(
        /^unsubscribed by a complaint, .*, on 2026-03-01 09:00 UTC; the database was told on 20/,
      ),
      now: [{ email: "emma@example.fr", database: expect.stringMatching(/^unsubscribed/) }],
      history: [
        { deed: "unsubscribed", outcome: "done", startedBy: "hand", causeAt: "2026-03-01T09:00:00.000Z" },
      ],
      gaps: [],
    });
    expect(page).toMatch(/^# Emma@EXAMPLE.fr\n/);
    expect(page).toContain("the database was told on");
  });

  test("in each spelling that the provider has", async () => {
    const { told } = await lookUp({ email: "karim@example.fr", list: "daily" });
    expect(told["daily"]?.now?.map(({ email }) => email).toSorted()).toEqual([
      "Karim@example.fr",
      "karim@example.fr",
    ]);
    expect(told["daily"]?.history).toMatchObject([
      { deed: "optOut", outcome: "done", reason: "opted out under another spelling" },
    ]);
  });

  test("who is kept out by another reader's guid", async () => {
    const { told } = await lookUp({ email: "rosa@example.fr", list: "daily" });
    expect(told["daily"]?.now).toMatchObject([{ provider: "not at the provider" }]);
  });

  test("whose row is set aside", async () => {
    const { told, page } = await lookUp({ email: "nora@example", list: "daily" });
    expect(told["daily"]).toMatchObject({
      now: [{ decision: "would set the row aside, as no provider takes this e-mail address" }],
      history: [{ deed: "setAside", quarantined: "no provider takes this e-mail address", times: 2 }],
    });
    expect(page).toContain("set a row of the database aside: no provider takes this e-mail address");
  });

  test("on all lists, at both providers, without writing to a mirror", async () => {
    const before = await buckets.keys(buckets.exchange, "mirror/");
    const { told, lists } = await lookUp({ email: "anna@example.fr" });
    expect(lists).toEqual(["daily", "weekly", "magazine"]);
    expect(told["magazine"]?.now).toMatchObject([
      { email: "Anna@Example.fr", provider: expect.stringMatching(/^subscribed since/) },
    ]);
    expect(told["weekly"]?.history).toMatchObject([
      { deed: "subscribe", outcome: "waits", job: "import-subscribers" },
      { deed: "subscribe", outcome: "done", job: "sync-subscribers", reason: "not at the provider" },
    ]);
    expect(await buckets.keys(buckets.exchange, "mirror/")).toEqual(before);
  });

  test("whom nobody knows", async () => {
    const { told } = await lookUp({ email: "nobody@example.fr" });
    expect(told["daily"]?.inWords).toBe("neither the database nor the provider has the address");
  });

  test("and neither the log nor a report names the reader", async () => {
    const stored = await buckets.keys(buckets.exchange, "reports/look-up-reader/");
    expect(stored.length).toBeGreaterThan(0);
    for (const key of stored) expect(await buckets.text(buckets.exchange, key)).not.toMatch(/example/i);
    expect(lines.join("\n")).not.toMatch(/@|emma|karim/i);
  });
});

describe("a reader is erased", () => {
  const event = "nl_click";
  const header = "date,email,campaign_id,newsletter_id,email_list_id,target_id,target_url,target_position\n";
  const row = (email: string, url: string) => `2026-02-15 10:00:00,${email},1,2,3,4,${url},6\n`;
  const others =
    row("bob@example.fr", '"https://example.fr/a,b"') + row("joanna@example.fr", "https://example.fr");
  const metadata = { sha256: "a".repeat(64), rows: "4", bytes: "400" };
  const original = eventsKey(event, "2026-02-15");

  beforeAll(async () => {
    const theirs = row("ANNA@example.fr", "https://example.fr") + row("anna@example.fr", '"two\nlines"');
    const shared = row("zoe@example.fr", "https://example.fr/?from=anna%40example.fr");
    const file = gzipSync(header + theirs + others + shared);
    await buckets.put(buckets.archive, original, file, metadata);
    await buckets.put(buckets.archive, tableKey(event, "2026-02-15"), file, {
      "original-sha256": metadata.sha256,
    });
    await buckets.put(buckets.archive, eventsKey(event, "2026-02-16"), gzipSync(header + others));
    const { store } = buckets.of(buckets.exchange);
    const options = { list: "weekly", graceHours: 24, now: () => new Date(), note: () => undefined };
    const memory = openListMemory({ store, ...options });
    const now = Date.now();
    (await memory.pushes()).record("anna@example.fr", { kind: "subscribed", at: now, saidAt: now });
    await memory.save();
    await buckets.put(buckets.archive, "athena-results/1.csv", `"email"\n"anna@example.fr"\n`);
    await buckets.put(buckets.archive, "athena-results/2.csv", `"email"\n"bob@example.fr"\n`);
  });

  test("not while only a mirror remembers that they left, and the database does not know", async () => {
    magazine.people.leave("emma@example.fr", dailyList);
    await invoke("sync-subscribers", { list: "magazine", mode: "apply" });
    const failing = lookUp({ email: "emma@example.fr", erase: true });
    await expect(failing).rejects.toThrow(/ErasureRefusedError: the database still has the reader/);
  });

  test("from everything in both buckets, with a receipt that names nobody", async () => {
    expect(await buckets.holding("anna@example.fr")).not.toEqual([]);
    const receipt = await lookUp({ email: "Anna@example.FR", erase: true });
    expect(await buckets.holding("anna@example.fr")).toEqual([]);
    expect(receipt).toMatchObject({ reader: expect.stringMatching(/^[0-9a-f]{16}$/), isToGoOn: false });
    expect(JSON.stringify(receipt)).not.toMatch(/@|anna/i);
    expect(Object.keys(receipt.erased).toSorted()).toEqual(
      expect.arrayContaining([
        "athena-results",
        "events",
        "history",
        "imports",
        "memory",
        "mirror",
        "plans",
        "tables",
      ]),
    );
    const { told } = await lookUp({ email: "anna@example.fr", list: "weekly" });
    expect(told["weekly"]?.history).toEqual([]);
    const { store } = buckets.of(buckets.exchange);
    const options = { list: "weekly", graceHours: 24, now: () => new Date(), note: () => undefined };
    const pushes = await openListMemory({ store, ...options }).pushes();
    expect(pushes.lastPushOn("anna@example.fr", "subscribed")).toBeUndefined();
  });

  test("and the bytes of all other rows, and what is known of a file, stay as they were", async () => {
    const left = await buckets.text(buckets.archive, original);
    expect(left).toBe(`${header}${others}${row("zoe@example.fr", "")}`);
    const described = await buckets.of(buckets.archive).files.describe(original);
    expect(described?.metadata).toEqual(metadata);
    expect(await buckets.keys(buckets.archive, "athena-results/")).toEqual(["athena-results/2.csv"]);
    expect(await buckets.text(buckets.archive, eventsKey(event, "2026-02-16"))).toBe(header + others);
  });

  test("and runs go on as before, for everybody else", async () => {
    for (const list of ["daily", "weekly", "magazine"]) {
      const { applied } = await invoke<{ applied: { left: number } }>("sync-subscribers", {
        list,
        mode: "apply",
      });
      expect(applied.left).toBe(0);
    }
    const notes = (await invoke<{ notes: string[] }>("sync-subscribers", { list: "magazine", mode: "plan" }))
      .notes;
    expect(notes.join()).not.toMatch(/damaged|missing/);
  });

  test("and again, which changes nothing", async () => {
    const receipt = await lookUp({ email: "nobody@example.fr", erase: true });
    expect(receipt.erased).toEqual({});
  });
});

describe("a plan that waits for a person", () => {
  const limits = /\{"list".*\}/;
  let approval: object;

  beforeAll(async () => {
    const subscribed_at = "2024-01-15T08:00:00.000Z";
    sandbox.list(124).clear();
    sandbox
      .list(124)
      .set(...Array.from({ length: 300 }, (_, n) => ({ email: `R${n}@example.fr`, subscribed_at })));
    writeSource("weekly", "email\nR0@example.fr\n");
    const refused = await functions["sync-subscribers"]!.invoke({ list: "weekly", mode: "apply" });
    approval = JSON.parse(limits.exec(refused.ok ? "" : refused.error.errorMessage)![0]);
  });

  test("is in a reader's history, as what waits", async () => {
    const { told } = await lookUp({ email: "r5@example.fr", list: "weekly" });
    expect(told["weekly"]).toMatchObject({
      now: [{ decision: expect.stringMatching(/^would unsubscribe it: not in the database; unless/) }],
      history: [{ deed: "missing", outcome: "waits", reason: "not in the database" }],
    });
  });

  test("loses a reader who is erased, and can still be approved for all others", async () => {
    const { erased } = await lookUp({ email: "r5@example.fr", erase: true });
    // A row of the plan, and a line of its text.
    expect(erased).toMatchObject({ plans: { rows: 2, objects: 2 }, history: { objects: 1, rows: 1 } });
    const { applied } = await invoke<{ applied: object }>("sync-subscribers", {
      ...approval,
      approvedBy: "Ada",
    });
    expect(applied).toMatchObject({ unsubscribe: 298, stale: 0, left: 0 });
    expect(sandbox.list(124).get("R5@example.fr")?.subscribed).toBe(true);
  });

  test("tells who approved it, and what became of it", async () => {
    const { told, page } = await lookUp({ email: "r6@example.fr", list: "weekly" });
    expect(told["weekly"]?.history.at(-1)).toMatchObject({
      deed: "missing",
      outcome: "done",
      startedBy: "approval",
      approvedBy: "Ada",
      plan: (approval as { apply: string }).apply,
    });
    expect(page).toContain("approval by Ada of plan");
  });
});

describe("a side that is down", () => {
  test("is said of each list that needs it, and the history and the other lists are told all the same", async () => {
    rmSync(sourcePath("weekly"));
    const { told, page } = await lookUp({ email: "r6@example.fr" });
    expect(told["weekly"]?.inWords).toMatch(/^the two sides could not be read: SourceError: /);
    expect(told["weekly"]?.history.at(-1)).toMatchObject({ outcome: "done" });
    expect(told["daily"]?.inWords).toBe("neither the database nor the provider has the address");
    expect(page).toContain("approval by Ada of plan");
  });
});

describe("what is lost of the history", () => {
  test("is said as a gap, and the rest is told", async () => {
    const [key = ""] = await buckets.keys(buckets.exchange, "history/weekly/");
    const { store } = buckets.of(buckets.exchange);
    const { bytes } = (await store.get(key))!;
    const spoilt = Uint8Array.from(bytes);
    spoilt[40]! ^= 1;
    await store.put(key, spoilt);
    const damaged = (await lookUp({ email: "r6@example.fr", list: "weekly" })).told["weekly"]!;
    expect(damaged.gaps).toEqual([`${key}: a part of it is damaged`]);
    expect(damaged.history.at(-1)).toMatchObject({ outcome: "done" });
    for (const lost of await buckets.keys(buckets.exchange, "history/weekly/"))
      await buckets.of(buckets.exchange).bucket.remove(lost);
    const { gaps, history } = (await lookUp({ email: "r6@example.fr", list: "weekly" })).told["weekly"]!;
    const today = new Date().toISOString().slice(0, 10);
    expect([history, gaps]).toEqual([[], [`runs reported since ${today}, and there is no history of them`]]);
  });
});

describe("an event", () => {
  test.each([
    [{}, "email: expected an e-mail address"],
    [{ email: "nobody" }, "email: expected one e-mail address"],
    [{ email: "a@example.fr b@example.fr" }, "email: expected one e-mail address"],
    [{ email: "a@example.fr", list: "no-such" }, 'there is no list "no-such", but daily, weekly, magazine'],
    [{ email: "a@example.fr", erase: true, list: "daily" }, "list: an erasure is of all lists"],
    [{ email: "a@example.fr", erase: true, from: "daily" }, "from: expected the one of an answer's `next`"],
    [{ email: "a@example.fr", from: "events/x" }, 'from: only goes with "erase"'],
  ])("%j is refused, and its error names nobody", async (event, problem) => {
    const result = await functions["look-up-reader"]!.invoke(event);
    const message = result.ok ? "" : result.error.errorMessage;
    expect(message).toContain(problem);
    expect(message.replace("reader@example.fr", "")).not.toContain("@");
  });
});
