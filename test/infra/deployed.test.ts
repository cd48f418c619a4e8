import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ArchiveReport } from "../../functions/archive-events/report.ts";
import { reportNameIn } from "../../functions/platform/storage/page-keys.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { bundleFunction } from "../../infra/local/bundle.ts";
import { startFunction } from "../../infra/local/lambda-runtime.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import * as constantContact from "../../infra/sandbox/constant-contact/start-sandbox.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { keysOf } from "../support/keys-of.ts";
import { type DeployedFunction, type Deployment, functionIn, runApp } from "./deployment.ts";
import { createOutdir } from "./example.ts";
import { account, type GuardedAws, startGuardedAws } from "./guarded-aws.ts";
import { alarmedMetrics, graphedFigures, metricsIn, queriedMetrics, schemaOf } from "./metrics.ts";
import { type Call, isGranted } from "./policy.ts";
import { propertiesOf } from "./template.ts";

// The functions run with what their templates give them and what Lambda itself sets. This test adds only the endpoints of
// its S3 and Secrets Manager, and replaces the provider's URL by the sandbox's, which a deployment must not name.

const provider = "https://services.ownpage.fr/v1";
const magazineProvider = {
  kind: "constant-contact",
  baseUrl: "https://api.cc.email/v3",
  tokenUrl: "https://authz.constantcontact.com/oauth2/default/v1/token",
  secret: "newsletter-sync/constant-contact",
};

const exported = { bucket: "our-exports", key: "lists/daily.csv" };
/** A PostgreSQL without the database that is asked for: it is enough that the function tries to connect. */
const noDatabase = "SFATAL\0C3D000\0Mthere is no such database\0\0";
const host = "127.0.0.1";
const database = createServer((socket) => {
  const answer = Buffer.from(`E....${noDatabase}`);
  answer.writeInt32BE(answer.length - 1, 1);
  socket.on("error", () => undefined).once("data", () => socket.end(answer));
});
let sandbox: Sandbox;
let magazine: constantContact.Sandbox;
let aws: GuardedAws;
let newsletter: object;
let deployment: Deployment;
let functions: Record<
  "Sync" | "Import" | "Archive" | "Watch" | "Pages" | "LookUp" | "Push",
  DeployedFunction
>;

beforeAll(async () => {
  sandbox = await startSandbox({ lists: [{ id: 123 }, { id: 125 }] });
  magazine = await constantContact.startSandbox({ contacts: [{ email: "bob@example.fr" }] });
  database.listen(0, host);
  await once(database, "listening");
  const { port } = database.address() as AddressInfo;
  const secret = { engine: "postgres", host, port, username: "u", password: "p", ssl: false };
  aws = await startGuardedAws({
    "newsletter-sync/ownpage": sandbox.credentials,
    [magazineProvider.secret]: magazine.credentials,
    database: secret,
    "database-writer": secret,
  });
  await putExport("email,guid\nada@example.fr,1\nbob@example.fr,2\nnot an address,3\n");
  sandbox.list(123).set({ email: "bob@example.fr", subscribed: false });
  const postgres = { kind: "postgres", secret: "database", query: "select email from readers" };
  const csv = { kind: "csv", uri: `s3://${exported.bucket}/${exported.key}` };
  newsletter = {
    provider: { kind: "ownpage", baseUrl: provider, secret: "newsletter-sync/ownpage" },
    lists: {
      daily: {
        id: 123,
        source: csv,
        returns: { kind: "csv" },
        sync: { schedule: "rate(1 hour)" },
        import: { schedule: "rate(1 day)", settleSeconds: 3 },
      },
      weekly: { id: 124, source: postgres },
      monthly: {
        id: 125,
        source: csv,
        import: { settleSeconds: 3 },
        returns: { kind: "postgres", secret: "database-writer", statements: ["select 1"] },
      },
      magazine: { id: dailyList, provider: magazineProvider, source: csv, import: { settleSeconds: 0 } },
    },
    archive: { schedule: "rate(1 day)", lookBackDays: 2 },
    push: {},
  };
  deployment = await runApp(newsletter);
  functions = {
    Sync: functionOf("Sync"),
    Import: functionOf("Import"),
    Archive: functionOf("Archive"),
    Watch: functionOf("Watch"),
    Pages: functionOf("Pages"),
    LookUp: functionOf("LookUp"),
    Push: functionOf("Push"),
  };
});
afterAll(async () => {
  database.close();
  await Promise.all([sandbox.stop(), magazine.stop(), aws.stop()]);
});

async function putExport(text: string): Promise<void> {
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  const s3 = new S3Client({ endpoint: aws.unguardedS3, region: account.region, credentials });
  await fetch(`${aws.unguardedS3}/${exported.bucket}`, { method: "PUT" });
  await s3.send(new PutObjectCommand({ Bucket: exported.bucket, Key: exported.key, Body: text }));
}

function functionOf(job: string): DeployedFunction {
  const { exchange, archive } = aws.buckets;
  const fn = functionIn(deployment, `Newsletter${job}`, {
    "AWS::Partition": "aws",
    "AWS::Region": account.region,
    "AWS::AccountId": account.id,
    Exchange: exchange,
    ExchangeArn: `arn:aws:s3:::${exchange}`,
    Archive: archive,
    ArchiveArn: `arn:aws:s3:::${archive}`,
  });
  const configuration = configurationOf(fn);
  const text = configuration.text
    .replace(provider, sandbox.url)
    .replace(magazineProvider.baseUrl, magazine.url)
    .replace(magazineProvider.tokenUrl, magazine.tokenUrl);
  writeFileSync(configuration.path, text);
  return fn;
}

function configurationOf({ bundle }: DeployedFunction) {
  const path = join(dirname(bundle), "configuration.json");
  return { path, text: readFileSync(path, "utf8") };
}

/** The event that a stack's schedule sends. */
function scheduledEvent(stack: string): object {
  const [{ Target }] = propertiesOf("AWS::Scheduler::Schedule", deployment.template(stack));
  return JSON.parse(Target.Input.replace("<aws.scheduler.scheduled-time>", "2026-12-01T05:00:00Z"));
}

/** Invokes a function as deployed, with one event after the other. @returns its answers, its calls and its log */
async function invoke(fn: DeployedFunction, events: readonly (object | ((answers: unknown[]) => object))[]) {
  aws.allow((call) => fn.grants.some((grant) => isGranted(call, grant)));
  const log: string[] = [];
  const { invoke, stop } = await startFunction({
    ...fn,
    environment: { ...aws.environment, ...fn.environment },
    onLine: (line) => log.push(line),
  });
  const answers: unknown[] = [];
  for (const event of events) {
    answers.push(await invoke(typeof event === "function" ? event(answers) : event));
  }
  await stop();
  return { answers, log, calls: [...aws.calls], denied: [...aws.denied] };
}

/** The grants that no call used. */
function unusedGrants({ grants }: DeployedFunction, calls: readonly Call[]) {
  return grants
    .filter(({ action }) => /^(s3|secretsmanager|events):/.test(action))
    .filter((grant) => !calls.some((call) => isGranted(call, grant)));
}

/** The figures that a stack's dashboard reads but no run logged. */
function missingFigures(stack: string, log: readonly string[]): string[] {
  const lines = log.filter((line) => line.includes('"figures"')).map((line) => JSON.parse(line));
  const logged = new Set(lines.flatMap(({ figures }) => Object.keys(figures)));
  return graphedFigures(deployment.template(stack)).filter((figure) => !logged.has(figure));
}

/** What a function told CloudWatch that no alarm watches. */
function unwatchedMetrics(log: readonly string[]): string[] {
  const watched = queriedMetrics(deployment.template("NewsletterWatch"));
  return [...metricsIn(log)].filter(
    (metric) => !metric.includes(" account=") && !watched.has(schemaOf(metric)),
  );
}

/** What a function measured of accounts, whatever the list. */
function accountMetrics(log: readonly string[]): string[] {
  return [...metricsIn(log)].filter((metric) => metric.includes(" account="));
}

/** Of a function's metrics, those of accounts that alarms read. */
function alarmed(service: string): string[] {
  return alarmedMetrics(deployment.template("NewsletterWatch")).filter((metric) =>
    metric.includes(`service=${service} `),
  );
}

const succeeded = { ok: true };

test("sync-subscribers runs with the environment and the grants of its template", async () => {
  const planIdOf = (answer: unknown) => (answer as { payload: { planId: string } }).payload.planId;
  const { answers, calls, denied, log } = await invoke(functions.Sync, [
    scheduledEvent("NewsletterSync"),
    (earlier) => ({ list: "daily", apply: planIdOf(earlier[0]) }),
    scheduledEvent("NewsletterSync"),
    { list: "daily", mode: "plan" },
    (earlier) => ({ list: "daily", apply: planIdOf(earlier[3]) }),
    { list: "weekly", mode: "plan" },
    { list: "monthly", mode: "return" },
    { list: "daily", apply: "no-such-plan" },
    { list: "magazine", mode: "apply" },
  ]);
  expect({ denied, answers }).toMatchObject({
    denied: [],
    answers: [
      { ok: true, payload: { firstPlan: {}, returned: { taken: 0 } } },
      { ok: true, payload: { isFirstApproval: true, returned: { taken: 1 } } },
      ...Array(3).fill(succeeded),
      ...Array(3).fill({ ok: false }),
      { ok: true, payload: { applied: { subscribe: 1 } } },
    ],
  });
  expect(answers.slice(5, 8)).toMatchObject([
    { error: { errorType: "CredentialError" } },
    { error: { errorType: "CredentialError" } },
    { error: { errorType: "UnusablePlanError" } },
  ]);
  // No upload was aborted.
  const idle = unusedGrants(functions.Sync, calls).map(({ action }) => action);
  expect(idle).toEqual(["s3:AbortMultipartUpload"]);
  expect(missingFigures("NewsletterSync", log)).toEqual([]);
  expect(unwatchedMetrics(log)).toEqual([]);
  expect(accountMetrics(log)).toEqual(alarmed("sync-subscribers"));
});

test("import-subscribers runs with the environment and the grants of its template", async () => {
  await putExport("email,guid\nada@example.fr,1\nbob@example.fr,2\ncid@example.fr,4\nnot an address,3\n");
  magazine.expireAccessTokens();
  const { answers, calls, denied, log } = await invoke(functions.Import, [
    scheduledEvent("NewsletterImport"),
    { list: "monthly" },
    { list: "daily", dryRun: true },
    { list: "weekly", dryRun: true },
    { list: "magazine" },
  ]);
  expect({ denied, answers }).toMatchObject({
    denied: [],
    answers: [
      succeeded,
      { ok: true, payload: { isFirstApproval: true } },
      succeeded,
      { ok: false },
      { ok: true, payload: { files: [{ announced: true }], remaining: { subscribe: 0 } } },
    ],
  });
  expect(magazine.membersOf(dailyList)).toContain("cid@example.fr");
  expect(sandbox.imports).toMatchObject([{}, {}]);
  // No upload was aborted.
  const idle = unusedGrants(functions.Import, calls).map(({ action }) => action);
  expect(idle).toEqual(["s3:AbortMultipartUpload"]);
  expect(missingFigures("NewsletterImport", log)).toEqual([]);
  expect(unwatchedMetrics(log)).toEqual([]);
  expect(accountMetrics(log)).toEqual(alarmed("import-subscribers"));
});

test("archive-events runs with the environment and the grants of its template", async () => {
  sandbox.events.rowsPerDay = 5;
  const whole = await invoke(functions.Archive, [scheduledEvent("NewsletterArchive")]);
  const [{ payload }] = whole.answers as [{ payload: ArchiveReport }];
  const { date } = payload.files[0]!;
  // A file that shrinks is refused.
  sandbox.events.rowsPerDay = 1;
  const shrunk = await invoke(functions.Archive, [{ date, events: ["nl_click"] }]);
  const denied = [...whole.denied, ...shrunk.denied];
  expect({ denied, answers: whole.answers }).toMatchObject({ denied: [], answers: [succeeded] });
  expect(shrunk.answers).toMatchObject([{ error: { errorType: "ArchiveIncompleteError" } }]);
  const idle = unusedGrants(functions.Archive, [...whole.calls, ...shrunk.calls]).map(({ action }) => action);
  expect([...new Set(idle)]).toEqual(["s3:AbortMultipartUpload"]);
  expect(missingFigures("NewsletterArchive", whole.log)).toEqual([]);
  expect(unwatchedMetrics(shrunk.log)).toEqual([]);
  expect([...metricsIn(shrunk.log)]).toEqual([
    "NewsletterSync error=ArchiveIncompleteError list=events service=archive-events RunFailed",
  ]);
});

test("watch-runs runs with the environment and the grants of its template, and sees the others' successes", async () => {
  const { answers, calls, denied, log } = await invoke(functions.Watch, [scheduledEvent("NewsletterWatch")]);
  expect({ denied, answers }).toMatchObject({
    denied: [],
    answers: [{ ok: true, payload: { schedules: 3, begun: 3, silent: [] } }],
  });
  // It tells that there is no success yet; here all have begun.
  expect(unusedGrants(functions.Watch, calls).map(({ action }) => action)).toEqual(["s3:ListBucket"]);
  expect([...metricsIn(log)]).toEqual(["NewsletterSync list=schedules service=watch-runs SchedulesWatched"]);
});

test("show-runs draws what the others stored, with the environment and the grants of its template", async () => {
  const environment = {
    ...aws.environment,
    AWS_ENDPOINT_URL_S3: aws.unguardedS3,
    EXCHANGE_BUCKET: aws.buckets.exchange,
  };
  const keys = await keysOf(environment, "reports/");
  const reports = keys.filter((key) => reportNameIn(key) !== undefined);
  const stored = reports.map((key) => ({ source: "aws.s3", detail: { object: { key } } }));
  const { answers, denied, calls, log } = await invoke(functions.Pages, [...stored, { rebuild: true }]);
  expect({ denied, answers }).toEqual({
    denied: [],
    answers: answers.map(() => expect.objectContaining(succeeded)),
  });
  expect(answers).toContainEqual({
    ok: true,
    payload: {
      run: expect.stringMatching(/^reports\/sync-subscribers\/daily\/.*\.html$/),
      plan: expect.stringMatching(/^plans\/daily\/.*\/plan\.html$/),
      index: "reports/index.html",
    },
  });
  expect(unusedGrants(functions.Pages, calls)).toEqual([]);
  expect(log.join("\n")).not.toContain("@example.fr");
});

test("look-up-reader runs with the environment and the grants of its template", async () => {
  const email = "ada@example.fr";
  await putWhatHolds(email);
  magazine.expireAccessTokens();
  const { answers, calls, denied, log } = await invoke(functions.LookUp, [
    { email },
    { email: "cid@example.fr", list: "magazine" },
    { email, erase: true },
  ]);
  const gaps = [expect.stringMatching(/there is no history/)];
  expect({ denied, answers }).toMatchObject({
    denied: [],
    answers: [
      { ok: true, payload: { told: { daily: { gaps: [] }, weekly: { problem: expect.any(String), gaps } } } },
      succeeded,
      { ok: true, payload: { isToGoOn: false, erased: { plans: {}, imports: {}, "athena-results": {} } } },
    ],
  });
  expect(log.join()).not.toMatch(/ada|cid@/);
  // No upload was aborted.
  const idle = unusedGrants(functions.LookUp, calls).map(({ action }) => action);
  expect([...new Set(idle)]).toEqual(["s3:AbortMultipartUpload"]);
});

/** One object of every kind, as runs of other days may have left it. */
async function putWhatHolds(email: string): Promise<void> {
  const { exchange, archive } = aws.buckets;
  const csv = `email\n${email}\nbob@example.fr\n`;
  const rows = (...emails: string[]) =>
    gzipSync(emails.map((email) => `${JSON.stringify({ email, reason: "refused" })}\n`).join(""));
  const day = "date=2026-01-01/nl_click-2026-01-01";
  const lostRun = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}-lost`;
  const objects = {
    [`${exchange}/quarantine/daily/run-1/rows-00000.ndjson.gz`]: rows(email),
    [`${exchange}/quarantine/daily/run-2/rows-00000.ndjson.gz`]: rows(email, "bob@example.fr"),
    [`${exchange}/returned/daily/run-1.csv`]: csv,
    [`${exchange}/reports/sync-subscribers/weekly/${lostRun}.json`]: '{"planned":{}}',
    [`${exchange}/imports/daily/run-1/plan.html`]: `<td>${email}</td>`,
    [`${archive}/events/nl_click/${day}.csv.gz`]: gzipSync(csv),
    [`${archive}/tables/nl_click/${day}.csv.gz`]: gzipSync(csv),
    [`${archive}/refused/nl_click/${day}-0.csv.gz`]: gzipSync(csv),
    [`${archive}/athena-results/1.csv`]: csv,
  };
  for (const [path, body] of Object.entries(objects)) {
    const answer = await fetch(`${aws.unguardedS3}/${path}`, { method: "PUT", body });
    if (path.includes("/events/")) {
      const labels = { etag: answer.headers.get("etag"), labels: { "fetched-at": "2026-01-02T00:00:00Z" } };
      const key = `${archive}/labels/events/nl_click/${day}.csv.gz.json`;
      await fetch(`${aws.unguardedS3}/${key}`, { method: "PUT", body: JSON.stringify(labels) });
    }
  }
}

test("push-changes runs with the environment and the grants of its template", async () => {
  magazine.expireAccessTokens();
  const joining = { subscribed: true, consented_at: "2026-11-30T10:00:00Z" };
  const messages = [
    { list: "daily", email: "dora@example.fr", ...joining },
    { list: "magazine", email: "dora@example.fr", ...joining },
    { list: "daily", email: "dora@nowhere", ...joining },
  ];
  const Records = messages.map((message, n) => ({
    messageId: `message-${n}`,
    receiptHandle: "any",
    body: JSON.stringify(message),
    attributes: { MessageGroupId: `group-${n}`, ApproximateReceiveCount: "1" },
  }));
  const approval = { list: "daily", approve: ["subscribe"] };
  const { answers, calls, denied, log } = await invoke(functions.Push, [{ Records }, approval]);
  expect({ denied, answers }).toMatchObject({
    denied: [],
    answers: [
      { ok: true, payload: { batchItemFailures: [] } },
      { ok: true, payload: { approval: { approve: ["subscribe"] } } },
    ],
  });
  expect(sandbox.list(123).get("dora@example.fr")).toMatchObject({ subscribed: true });
  expect(magazine.membersOf(dailyList)).toContain("dora@example.fr");
  expect(unusedGrants(functions.Push, calls)).toEqual([]);
  expect(missingFigures("NewsletterPush", log)).toEqual([]);
  expect(accountMetrics(log)).toEqual(alarmed("push-changes"));
});

test("a function that lacks a grant fails", async () => {
  const grants = functions.Sync.grants.filter(({ pattern }) => !pattern.endsWith("locks/*"));
  const { answers, denied } = await invoke({ ...functions.Sync, grants }, [{ list: "daily", mode: "plan" }]);
  expect(answers).toMatchObject([{ error: { errorType: "ConfigurationError" } }]);
  expect(denied.map(({ resource }) => resource)).toContain(
    `arn:aws:s3:::${aws.buckets.exchange}/locks/daily.json`,
  );
});

test("the deployed bundle is the one that runs on this machine, with its configuration beside it", async () => {
  const { name, bundle } = functions.Archive;
  const local = await bundleFunction(name, { outDir: createOutdir() });
  expect(readFileSync(bundle).equals(readFileSync(local))).toBe(true);
  const { text } = configurationOf(functions.Archive);
  const share = JSON.parse(text.replace(sandbox.url, provider));
  expect(share).toEqual(functionConfiguration(parseConfiguration(newsletter), name));
});
