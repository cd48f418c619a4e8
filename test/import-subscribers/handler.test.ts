import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
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
let folder: string;
let lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
  sandbox = await startSandbox({ credentials: { client: "le-journal", apiKey }, lists: [{ id: 123 }] });
  aws = await startLocalAws({ variables: {}, secrets: { [secret]: sandbox.credentials } });
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: sandbox.url, secret },
    lists: {
      daily: {
        id: 123,
        source: { kind: "csv", uri: pathToFileURL(join(folder, "daily.csv")).href },
        import: { rowsPerFile: 3, settleSeconds: 0 },
      },
    },
  });
  importing = await startLocalFunction({
    functionName: "import-subscribers",
    configuration: functionConfiguration(configuration, "import-subscribers"),
    environment: aws.environment,
    timeoutMs: 60_000,
    onLine: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await importing.stop();
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
  test("subscribes new readers, unsubscribes those who left, and resubscribes nobody", async () => {
    sandbox
      .list(123)
      .set(
        { email: "opted-out@example.fr", subscribed: false, unsubscribed_cause: "READER" },
        { email: "bounced@example.fr", subscribed: false, unsubscribed_cause: "HARD_BOUNCE" },
        { email: "leaves@example.fr" },
        { email: "stays@example.fr", data_note: "old" },
      );
    const nasty = '"=1+1; ""a"", b\r\nc 🗞️"';
    writeSource(
      "opted-out@example.fr,,1,",
      "bounced@example.fr,true,2,",
      "leaves@example.fr,false,3,",
      `stays@example.fr,,4,${nasty}`,
      "new@example.fr,,5,",
    );
    const report = await importDaily();
    expect(report).toMatchObject({
      rows: { active: 4, unsubscribed: 1, rejected: 0, duplicates: 0 },
      before: { subscribed: 2, unsubscribed: 2 },
    });
    expect(report.files.map((file) => file.import?.status)).toEqual(["uploaded", "uploaded"]);
    const list = sandbox.list(123);
    expect(list.get("opted-out@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "READER",
    });
    expect(list.get("bounced@example.fr")).toMatchObject({ subscribed: false });
    expect(list.get("leaves@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_cause: "PUBLISHER",
    });
    expect(list.get("stays@example.fr")).toMatchObject({ data_note: '=1+1; "a", b\r\nc 🗞️' });
    expect(list.get("new@example.fr")).toMatchObject({ subscribed: true, guid: "5" });
    expect(sandbox.imports.flatMap((outcome) => ("report" in outcome ? outcome.report.errors : []))).toEqual(
      [],
    );
  });

  test("announces a file again if the answer is lost, and fails if the provider refuses it", async () => {
    writeSource("a@example.fr,,1,");
    sandbox.faults.push({ match: { path: "^/files" }, times: 1, fault: { kind: "lost" } });
    expect((await importDaily()).requests).toMatchObject({ retried: 1 });
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 400 } });
    await expect(importDaily()).rejects.toThrow(/^ProviderRefusalError: POST \/files was refused/);
  });

  test("notes that the counts did not settle if the provider never fetches the file", async () => {
    writeSource("a@example.fr,,1,");
    const body = { id: 1, status: "uploaded", size: null };
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 200, body } });
    const { files, settled, after, notes } = await importDaily();
    expect({ settled, after, notes: notes.length }).toEqual({
      settled: false,
      after: { subscribed: 0, unsubscribed: 0 },
      notes: 1,
    });
    expect(files).toMatchObject([{ rows: 1, import: { status: "uploaded" } }]);
  });

  test("reveals no address, key or link in its log, error or report", async () => {
    writeSource("secret-reader@example.fr,,1,x", "not-an-address,,2,y", "secret-reader@example.fr,,3,z");
    const report = await importDaily();
    expect(report.rows).toMatchObject({ active: 1, rejected: 1, duplicates: 1 });
    const body = { status: "INVALID_REQUEST", message: "secret-reader@example.fr is not right" };
    sandbox.faults.push({ match: { path: "^/files" }, fault: { kind: "status", status: 400, body } });
    const failure = await importing.invoke({ list: "daily" });
    for (const text of [...lines, JSON.stringify(report), JSON.stringify(failure)]) {
      expect(text).not.toMatch(/secret-reader|not-an-address|a-key-that|X-Amz-Signature/);
    }
    expect(lines.length).toBeGreaterThan(3);
  });

  test("answers a bad event with an error that shows a good one", async () => {
    const result = await importing.invoke({ list: "daily", dryRun: "yes" });
    expect(result).toMatchObject({
      ok: false,
      error: { errorMessage: expect.stringMatching(/dryRun: expected true or false.*\{"list":"daily"\}/) },
    });
  });
});
