import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lockKey, memoryKey } from "../../functions/platform/storage/object-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { sampleDatabase, sampleQuery } from "../../infra/local/sample-data.ts";
import { ownpageSample, sampleSubscribers } from "../../infra/local/sample-ownpage.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";

const secretName = "newsletter-sync/ownpage";
const apiKey = "a-key-that-no-log-may-show";

let postgres: EmbeddedPostgres;
let sandbox: Sandbox;
let otherAccount: Sandbox;
let aws: LocalAws;
let sync: LocalFunction;
let folder: string;
let lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
  postgres = await startPostgres();
  const client = new pg.Client(postgres.url);
  await client.connect();
  await client.query(sampleDatabase(ownpageSample.readers));
  await client.end();
  sandbox = await startSandbox({
    credentials: { client: "le-journal", apiKey },
    lists: [{ id: 123 }, { id: 124 }],
  });
  otherAccount = await startSandbox({
    credentials: { client: "le-magazine", apiKey: "another-key" },
    lists: [{ id: 123 }],
  });
  aws = await startLocalAws({
    variables: {},
    secrets: {
      [secretName]: sandbox.credentials,
      other: otherAccount.credentials,
      database: postgres.secret,
    },
  });
  sync = await startSync({});
});
afterAll(async () => {
  await sync.stop();
  await Promise.all([postgres.stop(), sandbox.stop(), otherAccount.stop(), aws.stop()]);
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  await forgetAll();
  lines = [];
  sandbox.faults.length = 0;
  sandbox.requests.length = 0;
  sandbox.list(123).clear();
  sandbox.list(123).set(...sampleSubscribers(new Date()));
});

/** Every test starts with the first run of each list: all of a day's limits, and no rows that were refused. */
async function forgetAll(): Promise<void> {
  const {
    AWS_ENDPOINT_URL_S3: endpoint = "",
    EXCHANGE_BUCKET: Bucket,
    AWS_REGION: region = "",
  } = aws.environment;
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  for (const list of ["daily", "weekly", "magazine"]) {
    const memory = (["budget.json", "acts.bin", "refusals.bin"] as const).map((file) =>
      memoryKey(list, file),
    );
    for (const Key of [lockKey(list), ...memory]) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
  s3.destroy();
}

/** Three lists: one from the database, two from a CSV that each test writes for itself. */
function configuration() {
  const daily = {
    source: { kind: "postgres", secret: "database", query: sampleQuery(ownpageSample.firstName) },
  };
  const csv = { source: { kind: "csv", uri: pathToFileURL(join(folder, "source.csv")).href } };
  const provider = { kind: "ownpage", baseUrl: sandbox.url, secret: secretName };
  const magazine = { ...csv, id: 123, provider: { ...provider, baseUrl: otherAccount.url, secret: "other" } };
  return { provider, lists: { daily: { ...daily, id: 123 }, weekly: { ...csv, id: 124 }, magazine } };
}

function startSync({ environment = aws.environment, timeoutMs = 60_000 }): Promise<LocalFunction> {
  return startLocalFunction({
    functionName: "sync-subscribers",
    configuration: functionConfiguration(parseConfiguration(configuration()), "sync-subscribers"),
    environment,
    timeoutMs,
    onLine: (line) => lines.push(line),
  });
}

async function apply(): Promise<SyncReport> {
  const result = await sync.invoke({ list: "daily", mode: "apply" });
  if (!result.ok) throw new Error(result.error.errorMessage);
  return result.payload as SyncReport;
}

function writeCsv(text: string): void {
  writeFileSync(join(folder, "source.csv"), text);
}

const csvOf = (from: number, to: number) =>
  ["email", ...Array.from({ length: to - from }, (_, n) => `r${from + n}@example.fr`), ""].join("\n");

describe("sync-subscribers, bundled, in its own process", () => {
  test("is measured, unless a person only looks", async () => {
    const toldToCloudWatch = () => lines.filter((line) => line.includes('"CloudWatchMetrics"'));
    const measured = () => lines.filter((line) => line.includes('"figures"'));
    await sync.invoke({ list: "daily", mode: "plan" });
    // A look that fails counts as little.
    await sync.invoke({ list: "weekly", mode: "plan" });
    expect([measured(), toldToCloudWatch()]).toEqual([[], []]);
    const { applied } = await apply();
    const [line, ...others] = measured().map((line) => JSON.parse(line));
    expect(others).toEqual([]);
    expect(line).toMatchObject({ list: "daily", figures: { ChangesApplied: applied.accepted } });
    await sync.invoke({ list: "daily", mode: "return" });
    expect(measured()).toHaveLength(2);
  });

  test("brings the provider in line with the database, and then finds nothing to do", async () => {
    const report = await apply();
    expect(report).toMatchObject({
      current: { subscribed: 9, unsubscribed: 8 },
      desired: {
        subscribed: 13,
        unsubscribed: 1,
        undecided: 1,
        rejected: 1,
        duplicates: 1,
        sharedGuids: 1,
        unreadableConsents: 0,
      },
      planned: { subscribe: 4, resubscribe: 2, update: 1, unsubscribe: 3, unchanged: 3 },
      kept: {
        optedOut: 3,
        bounced: 1,
        publisher: 1,
        undecided: 1,
        recent: 1,
        grace: 1,
        shielded: 1,
        onlyAtProvider: 0,
        refused: 0,
      },
      applied: {
        batches: 5,
        accepted: 10,
        subscribe: 4,
        resubscribe: 2,
        update: 1,
        unsubscribe: 3,
        quarantined: 0,
        waiting: 0,
        left: 0,
      },
      discrepancies: [],
    });
    expect(sandbox.list(123).get("ines@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "PUBLISHER",
    });
    expect(sandbox.list(123).get("hugo@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "READER",
    });
    expect(sandbox.list(123).get("Karim@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "READER",
    });
    expect(sandbox.list(123).get("chloe@example.fr")?.subscribed).toBe(false);
    expect(sandbox.list(123).get("gina@example.fr")?.subscribed).toBe(false);
    for (const email of ["jules@example.fr", "lina@example.fr", "nora@example.fr", "quentin@example.fr"]) {
      expect(sandbox.list(123).get(email)?.subscribed).toBe(true);
    }
    const subscribing = sandbox.writes.filter((row) => "subscribed" in row && row["subscribed"] === true);
    expect(subscribing.map(({ email }) => email)).toEqual(["david@example.fr", "samir@example.fr"]);
    const writes = sandbox.writes.length;
    expect((await apply()).applied.batches).toBe(0);
    expect(sandbox.writes.length).toBe(writes);
  });

  test("brings a list to the account that it has of its own, and leaves the other one alone", async () => {
    writeCsv(csvOf(0, 3));
    const result = await sync.invoke({ list: "magazine", mode: "apply" });
    expect(result).toMatchObject({ ok: true, payload: { applied: { accepted: 3, subscribe: 3 } } });
    expect(otherAccount.list(123).size).toBe(3);
    expect(sandbox.requests).toEqual([]);
  });

  test("logs no address, no token and no key, whatever happens", async () => {
    sandbox.faults.push({
      match: { method: "POST", path: /subscribers/ },
      fault: { kind: "garbage" },
      times: 1,
    });
    await apply();
    sandbox.faults.push({ match: { path: /subscribers$/ }, fault: { kind: "status", status: 400 } });
    const failure = await sync.invoke({ list: "daily", mode: "apply" });
    expect(failure.ok).toBe(false);
    const told = lines.join("\n") + JSON.stringify(failure);
    expect(told).not.toMatch(/@example|@Example|nora|Bruno/);
    expect(told).not.toContain(apiKey);
    for (const { query } of sandbox.requests) expect(JSON.stringify(query)).not.toContain(apiKey);
  });

  test.each([
    ["a lost answer to a write that was applied", { method: "POST", path: /subscribers/ }, { kind: "lost" }],
    ["an error page in HTML", { path: /subscribers$/ }, { kind: "garbage" }],
    ["a page that is not an array", { method: "GET", path: /subscribers$/ }, { kind: "wrongShape" }],
    ["a page cut short", { method: "GET", path: /subscribers$/ }, { kind: "cut" }],
    ["429 with Retry-After", { path: /count/ }, { kind: "status", status: 429, retryAfter: 0 }],
    ["503", { method: "POST", path: /subscribers/ }, { kind: "status", status: 503, retryAfter: 0 }],
    [
      "a token that expires while it reads",
      { method: "GET", path: /subscribers$/ },
      { kind: "status", status: 401 },
    ],
    [
      "a token that expires while it writes",
      { method: "POST", path: /subscribers/ },
      { kind: "status", status: 401 },
    ],
  ] as const)("withstands %s", async (_, match, fault) => {
    sandbox.faults.push({ match, fault, times: 1 });
    const report = await apply();
    expect(report.requests.retried).toBeGreaterThanOrEqual(1);
    const { accepted, stale, left } = report.applied;
    expect([accepted + stale, left]).toEqual([10, 0]);
    expect((await apply()).applied.batches).toBe(0);
  });

  test("reports a lost answer as a discrepancy after a retry", async () => {
    sandbox.faults.push({
      match: { method: "POST", path: /subscribers/ },
      fault: { kind: "lost" },
      times: 1,
    });
    const { discrepancies } = await apply();
    expect(discrepancies).toContainEqual(
      expect.objectContaining({ counter: "unsubscribed", answered: 0, afterRetry: 1 }),
    );
  });

  test("fails with wrong credentials, and names the secret to renew", async () => {
    const secrets = { [secretName]: { client: "le-journal", apiKey: "old" }, database: postgres.secret };
    const elsewhere = await startLocalAws({ variables: {}, secrets });
    const fresh = await startSync({ environment: elsewhere.environment });
    const result = await fresh.invoke({ list: "daily", mode: "plan" });
    expect(result).toMatchObject({ ok: false, error: { errorType: "CredentialError" } });
    expect(JSON.stringify(result)).toContain(secretName);
    expect(sandbox.requests.filter(({ template }) => template.includes("token"))).toHaveLength(1);
    await Promise.all([fresh.stop(), elsewhere.stop()]);
  });

  test("before its secret has a value, a schedule's run ends well, and its log says what is missing", async () => {
    const elsewhere = await startLocalAws({ variables: {}, secrets: { database: postgres.secret } });
    const fresh = await startSync({ environment: elsewhere.environment });
    const event = { list: "daily", mode: "apply", scheduledAt: "2026-06-01T00:00:00Z" };
    expect(await fresh.invoke(event)).toMatchObject({ ok: true, payload: { firstPlan: {} } });
    const [told = ""] = lines.filter((line) => line.includes("run succeeded"));
    expect(JSON.parse(told).summary).toMatch(
      /^daily: no first plan yet: CredentialError, the secret "newsletter-sync\/ownpage" does not work: .* no value yet/,
    );
    const metrics = lines
      .filter((line) => line.includes("CloudWatchMetrics"))
      .map((line) => JSON.parse(line));
    expect(metrics).toMatchObject([{ list: "daily", FirstPlanWaits: 1 }]);
    await Promise.all([fresh.stop(), elsewhere.stop()]);
  });

  test("refuses a mass unsubscription, and applies it once it is approved", async () => {
    const subscribed_at = "2024-01-15T08:00:00.000Z";
    const subscribers = Array.from({ length: 400 }, (_, n) => ({ email: `r${n}@example.fr`, subscribed_at }));
    sandbox.list(124).set(...subscribers);
    writeCsv(csvOf(0, 200));
    const refused = await sync.invoke({ list: "weekly", mode: "apply" });
    expect(refused).toMatchObject({ ok: false, error: { errorType: "UnsafePlanError" } });
    expect(sandbox.writes).toEqual([]);
    const message = refused.ok ? "" : refused.error.errorMessage;
    expect(message).toContain("unsubscribe 200 of 400 subscribers (50.0 %)");
    const approved = await sync.invoke(JSON.parse(/\{"list".*\}/.exec(message)![0]));
    expect(approved).toMatchObject({
      ok: true,
      payload: { applied: { accepted: 200, unsubscribe: 200, left: 0 } },
    });
  });

  test.each([
    ["has no rows", "email\n", /holds no rows/],
    ["lacks the email column", "mail,guid\na@example.fr,1\n", /email/],
    ["is cut in its last row", "email,guid\na@example.fr,1\nb@exam", /line 3/],
    ["is cut in a quoted value", 'email,data_x\na@example.fr,"1\n', /line 2/],
  ])("a source that %s stops the run before anything is sent", async (_, text, told) => {
    writeCsv(text);
    const result = await sync.invoke({ list: "weekly", mode: "apply" });
    expect(result).toMatchObject({ ok: false, error: { errorType: "SourceError" } });
    expect(JSON.stringify(result)).toMatch(told);
    expect(sandbox.writes).toEqual([]);
  });

  test("stops before Lambda ends it, and says what is done and what is left", async () => {
    sandbox.faults.push({ match: { method: "POST", path: /subscribers/ }, fault: { kind: "hang" } });
    const brief = await startSync({ timeoutMs: 3_000 });
    const result = await brief.invoke({ list: "daily", mode: "apply" });
    expect(result).toMatchObject({ ok: false, error: { errorType: "OutOfTimeError" } });
    expect(JSON.stringify(result)).toContain("0 of 10 changes are done, 10 are left");
    await brief.stop();
    sandbox.faults.length = 0;
    expect((await apply()).applied).toMatchObject({ accepted: 10, left: 0 });
  });
});

describe("npm run invoke", () => {
  const invokeCommand = (...commandArguments: string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const script = fileURLToPath(new URL("../../infra/local/invoke.ts", import.meta.url));
      const options = { env: { ...process.env, ...aws.environment }, cwd: folder };
      execFile(process.execPath, [script, ...commandArguments], options, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  test("prints the answer as JSON, and nothing else, on standard output", async () => {
    const file = join(folder, "newsletter.json");
    writeFileSync(file, JSON.stringify(configuration()));
    const event = '{"list":"daily","mode":"plan"}';
    const answer = await invokeCommand("sync-subscribers", event, "--config", file);
    expect(JSON.parse(answer.stdout)).toMatchObject({ check: { safe: true }, planned: { subscribe: 4 } });
    expect(answer.status).toBe(0);
    expect(answer.stderr).toContain("reading the provider: 17 of 17");
    const [summary = "", ...others] = answer.stderr.trimEnd().split("\n").toReversed();
    expect(summary).toMatch(/^daily: would .* applies it$/);
    expect(JSON.parse(answer.stdout)).toMatchObject({ summary });
    expect(others.join()).not.toContain("applies it");
  });

  test("answers a bad event with status 1 and an error that shows a good one", async () => {
    const file = join(folder, "newsletter.json");
    writeFileSync(file, JSON.stringify(configuration()));
    const answer = await invokeCommand("sync-subscribers", '{"list":"daily"}', "--config", file);
    expect(answer.status).toBe(1);
    const { errorType, errorMessage } = JSON.parse(answer.stdout);
    expect(errorType).toBe("InvalidEventError");
    expect(errorMessage).toContain('{"list":"daily","mode":"plan"}');
  });

  test("shows an error once for a person and once as JSON, and the run's summary last", async () => {
    const file = join(folder, "newsletter.json");
    writeFileSync(file, JSON.stringify(configuration()));
    const event = '{"list":"daily","apply":"20260101T000000Z-00000000"}';
    const { stdout, stderr } = await invokeCommand("sync-subscribers", event, "--config", file);
    const lines = stderr.trimEnd().split("\n");
    const problem = 'the list "daily" has no stored plan with that id';
    expect(lines.filter((line) => line.includes(problem))).toHaveLength(1);
    expect(JSON.parse(stdout).errorMessage).toContain(problem);
    expect(lines.at(-1)).toBe("daily: nothing was sent; UnusablePlanError, send another event");
  });
});
