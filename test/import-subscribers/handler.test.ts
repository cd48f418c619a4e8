import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { createObjectStore, type ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";

const secret = "newsletter-sync/ownpage";
const apiKey = "a-key-that-no-log-may-show";

let sandbox: Sandbox;
let aws: LocalAws;
let importing: LocalFunction;
let s3: S3Client;
/** What stands in the exchange bucket. */
let objects: ObjectStore;
let folder: string;
/** The function's /tmp. */
let disk: string;
let lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
  disk = join(folder, "tmp");
  mkdirSync(disk);
  sandbox = await startSandbox({ credentials: { client: "le-journal", apiKey }, lists: [{ id: 123 }] });
  aws = await startLocalAws({ variables: {}, secrets: { [secret]: sandbox.credentials } });
  const endpoint = aws.environment["AWS_ENDPOINT_URL_S3"] ?? "";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  s3 = new S3Client({ endpoint, region: "eu-west-3", credentials, forcePathStyle: true });
  objects = createObjectStore(s3, aws.environment["EXCHANGE_BUCKET"] ?? "");
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: sandbox.url, secret },
    lists: {
      daily: {
        id: 123,
        source: { kind: "csv", uri: pathToFileURL(join(folder, "daily.csv")).href },
        import: { rowsPerFile: 3, settleSeconds: 2 },
      },
    },
  });
  importing = await startLocalFunction({
    functionName: "import-subscribers",
    configuration: functionConfiguration(configuration, "import-subscribers"),
    environment: { ...aws.environment, TMPDIR: disk },
    timeoutMs: 60_000,
    onLine: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await importing.stop();
  s3.destroy();
  await Promise.all([sandbox.stop(), aws.stop()]);
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  lines = [];
  sandbox.faults.length = 0;
  sandbox.list(123).clear();
});

function writeSource(...rows: string[]) {
  writeFileSync(join(folder, "daily.csv"), ["email,subscribed,guid,data_note", ...rows, ""].join("\n"));
}

async function importDaily(): Promise<ImportReport> {
  const result = await importing.invoke({ list: "daily" });
  await sandbox.importsSettled();
  if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
  return result.payload as ImportReport;
}

describe("the import as Lambda runs it", () => {
  test("brings both sides together, and leaves alone whoever opted out or bounced", async () => {
    sandbox
      .list(123)
      .set(
        { email: "Opted-Out@Example.fr", subscribed: false, unsubscribed_cause: "READER" },
        { email: "bounced@example.fr", subscribed: false, unsubscribed_cause: "HARD_BOUNCE" },
        { email: "leaves@example.fr", subscribed_at: "2026-01-01T00:00:00Z" },
        { email: "Stays@example.fr", guid: "4", data_note: "old" },
      );
    writeSource(
      "opted-out@example.fr,,1,",
      "bounced@example.fr,true,2,",
      "leaves@example.fr,false,3,",
      'stays@example.fr,,4,"=1+1; ""a"", b\r\nc 🗞️"',
      "new@example.fr,,5,",
    );
    const report = await importDaily();
    expect(report).toMatchObject({
      desired: { subscribed: 4, unsubscribed: 1, rejected: 0, duplicates: 0 },
      before: { subscribed: 2, unsubscribed: 2 },
      settled: true,
      remaining: { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 },
    });
    expect(report.files.map(({ group, import: answer }) => [group, answer?.status])).toEqual([
      ["unsubscribe", "uploaded"],
      ["subscribe", "uploaded"],
      ["update", "uploaded"],
    ]);
    const list = sandbox.list(123);
    expect(list.get("Opted-Out@Example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "READER",
    });
    expect(list.get("opted-out@example.fr")).toBeUndefined();
    expect(list.get("bounced@example.fr")).toMatchObject({ subscribed: false });
    expect(list.get("leaves@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "PUBLISHER",
    });
    expect(list.get("Stays@example.fr")).toMatchObject({
      guid: "4",
      data_note: '=1+1; "a", b\r\nc 🗞️',
    });
    expect(list.get("new@example.fr")).toMatchObject({ subscribed: true, guid: "5" });
    expect(sandbox.imports.flatMap((outcome) => ("report" in outcome ? outcome.report.errors : []))).toEqual(
      [],
    );
  });

  test("announces a file again if the answer is lost, and fails if the provider refuses it", async () => {
    writeSource("a@example.fr,,1,");
    sandbox.faults.push({ match: { path: "^/files" }, times: 1, fault: { kind: "lost" } });
    expect((await importDaily()).requests).toMatchObject({ retried: 1 });
    writeSource("a@example.fr,,1,", "b@example.fr,,2,");
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 400 } });
    await expect(importDaily()).rejects.toThrow(/^ProviderRefusalError: POST \/files was refused/);
  });

  test("fails if the provider never fetches the file", async () => {
    writeSource("a@example.fr,,1,");
    const body = { id: 1, status: "uploaded", size: null };
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 200, body } });
    await expect(importDaily()).rejects.toThrow(/^ImportIncompleteError: .* had not made 1 of them/);
  });

  test("lets into its report nothing of the provider's answer but numbers and known words", async () => {
    writeSource("a@example.fr,,1,");
    const text = "https://files.invalid/secret-reader@example.fr";
    const body = { id: text, status: text, name: text, url: text, size: text, created_at: text };
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 200, body } });
    await expect(importDaily()).rejects.toThrow(/^ImportIncompleteError/);
    const finished = JSON.parse(lines.find((line) => line.includes("run failed"))!);
    const stored = await objects.get(finished.report);
    const report = JSON.parse(Buffer.from(stored!.bytes).toString()) as ImportReport;
    expect(report.files[0]?.import).toEqual({ id: "unknown", status: "unknown" });
    expect(lines.join() + JSON.stringify(report)).not.toMatch(/secret-reader|files\.invalid/);
  });

  test("reveals no address, key or link in its log, error or report", async () => {
    writeSource("secret-reader@example.fr,,1,x", "not-an-address,,2,y", "secret-reader@example.fr,,3,z");
    const report = await importDaily();
    expect(report.desired).toMatchObject({ subscribed: 1, rejected: 1, duplicates: 1 });
    writeSource("secret-reader@example.fr,,1,new");
    const body = { status: "INVALID_REQUEST", message: "secret-reader@example.fr is not right" };
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 400, body } });
    const failure = await importing.invoke({ list: "daily" });
    expect(failure.ok).toBe(false);
    for (const text of [...lines, JSON.stringify(report), JSON.stringify(failure)]) {
      expect(text).not.toMatch(/secret-reader|not-an-address|a-key-that|X-Amz-Signature/);
    }
    expect(lines.length).toBeGreaterThan(3);
  });

  test("is measured, unless a person only looks", async () => {
    writeSource("a@example.fr,,1,");
    const toldToCloudWatch = () => lines.filter((line) => line.includes('"CloudWatchMetrics"'));
    const measured = () => lines.filter((line) => line.includes('"figures"'));
    await importing.invoke({ list: "daily", dryRun: true });
    expect([measured(), toldToCloudWatch()]).toEqual([[], []]);
    await importDaily();
    expect(measured().map((line) => JSON.parse(line))).toMatchObject([
      { list: "daily", figures: { ImportedRows: 1 } },
    ]);
  });

  test("writes nothing to the disk", async () => {
    writeSource("a@example.fr,,1,");
    await importDaily();
    expect(readdirSync(disk)).toEqual([]);
  });

  test("answers a bad event with an error that shows a good one", async () => {
    const result = await importing.invoke({ list: "daily", dryRun: "yes" });
    expect(result).toMatchObject({
      ok: false,
      error: { errorMessage: expect.stringMatching(/dryRun: expected true or false.*\{"list":"daily"\}/) },
    });
  });
});
