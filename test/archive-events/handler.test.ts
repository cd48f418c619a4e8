import { once } from "node:events";
import { gunzipSync } from "node:zlib";
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { archiveSubject } from "../../functions/archive-events/metrics.ts";
import type { ArchiveReport } from "../../functions/archive-events/report.ts";
import { openLastSuccess } from "../../functions/platform/storage/last-success.ts";
import { createObjectStore } from "../../functions/platform/storage/object-store.ts";
import { eventColumns } from "../../functions/providers/event-columns.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { json, scriptedServer } from "../platform/http/scripted-server.ts";

const secretName = "newsletter-sync/ownpage";
const apiKey = "a-key-that-no-log-may-show";
const range = { from: "2018-03-25", to: "2018-03-26" };
const lines: string[] = [];

let sandbox: Sandbox;
let aws: LocalAws;
let functions: LocalFunction[];
let s3: S3Client;

beforeAll(async () => {
  sandbox = await startSandbox({
    credentials: { client: "le-journal", apiKey },
    events: { rowsPerDay: 500 },
  });
  aws = await startLocalAws({ variables: {}, secrets: { [secretName]: sandbox.credentials } });
  const endpoint = aws.environment["AWS_ENDPOINT_URL_S3"] ?? "";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  s3 = new S3Client({ endpoint, region: "eu-west-3", credentials, forcePathStyle: true });
  functions = await Promise.all([startArchive(), startArchive()]);
});
beforeEach(async () => {
  sandbox.faults.length = 0;
  await Promise.all([aws.environment["ARCHIVE_BUCKET"], aws.environment["EXCHANGE_BUCKET"]].map(empty));
});
afterAll(async () => {
  s3.destroy();
  await Promise.all([...functions.map((fn) => fn.stop()), sandbox.stop(), aws.stop()]);
});

function startArchive(baseUrl = sandbox.url): Promise<LocalFunction> {
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl, secret: secretName },
    lists: { daily: { id: 123, source: { kind: "csv", uri: "s3://exports/daily.csv" } } },
    archive: { lookBackDays: 2, events: ["nl_click", "nl_bounce"] },
  });
  return startLocalFunction({
    functionName: "archive-events",
    configuration: functionConfiguration(configuration, "archive-events"),
    environment: aws.environment,
    timeoutMs: 30_000,
    memoryMb: 256,
    onLine: (line) => lines.push(line),
  });
}

async function textOf(key: string): Promise<string> {
  const Bucket = aws.environment["ARCHIVE_BUCKET"];
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
  return String(gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()));
}

async function keysOf(bucket: string | undefined): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = "" }) => Key);
}

async function empty(bucket: string | undefined): Promise<void> {
  const keys = await keysOf(bucket);
  await Promise.all(keys.map((Key) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }))));
}

test("two bundled archive-events, each in its own process, archive a day at once and store each file once", async () => {
  const answers = await Promise.all(functions.map((fn) => fn.invoke({ date: range.from })));
  const reports = answers.map((answer) => (answer as { payload: ArchiveReport }).payload);
  const asked = [`nl_click ${range.from}`, `nl_bounce ${range.from}`];
  for (const { files } of reports) {
    expect(files.map(({ event, date }) => `${event} ${date}`)).toEqual(asked);
    expect(files.map(({ rows }) => rows)).toEqual([500, 500]);
  }
  const outcomes = asked.map((_, at) => reports.map(({ files }) => files[at]?.outcome).sort());
  expect(outcomes).toEqual(asked.map(() => ["stored", "unchanged"]));

  const { key } = reports[0]?.files[1] ?? { key: "" };
  const original = await textOf(key);
  const copy = await textOf(key.replace("events/", "tables/"));
  expect(original).toContain("554 5.7.1 Refused:\r\nsee");
  expect(copy).toBe(original.replaceAll("\r\n", " ").replace(/"(554[^"]*)"/g, "$1"));
  const keys = await keysOf(aws.environment["ARCHIVE_BUCKET"]);
  expect(keys.map((key) => key.split("/")[0]).sort()).toEqual(
    ["events", "labels", "tables"].flatMap((folder) => Array(2).fill(folder)),
  );
  const stored = await keysOf(aws.environment["EXCHANGE_BUCKET"]);
  expect(stored.filter((key) => key.startsWith("reports/archive-events/events/"))).toHaveLength(2);
});

test("an empty event archives what is due", async () => {
  const answer = await functions[0]?.invoke({});
  expect(answer).toMatchObject({ ok: true, payload: { settled: 0, left: 0, missing: 0 } });
  const { files } = (answer as { payload: ArchiveReport }).payload;
  expect(files.map(({ outcome }) => outcome)).toEqual(Array(4).fill("stored"));
});

test.each<[string, boolean, object]>([
  ["what is due", true, {}],
  ["a day", false, { date: range.from }],
  ["a range", false, range],
])(
  "a success with %s is recorded for the alarm that watches for silence: %s",
  async (_, isRecorded, event) => {
    const store = createObjectStore(s3, aws.environment["EXCHANGE_BUCKET"] ?? "");
    const last = openLastSuccess(store, "archive-events", archiveSubject);
    const before = await last.read();
    expect(await functions[0]?.invoke(event)).toMatchObject({ ok: true });
    expect((await last.read())?.getTime() !== before?.getTime()).toBe(isRecorded);
  },
);

test("a failure is thrown, measured and logged without an address or the key", async () => {
  sandbox.faults.push({ match: { path: /nl_bounce/ }, fault: { kind: "cut" } });
  const [archive] = functions;
  const failed = await archive?.invoke({ from: "2018-02-15", to: "2018-02-16" });
  expect(failed).toMatchObject({ ok: false, error: { errorType: "ArchiveIncompleteError" } });
  const again = await archive?.invoke({ date: "2018-02-15", events: ["nl_click"] });
  expect(again).toMatchObject({ ok: true, payload: { files: [{ outcome: "unchanged" }], missing: 0 } });
  const told = lines.join("\n");
  expect(told).toMatch(
    /"ArchiveFilesStored":2,"ArchiveFilesFailed":2,"ArchivedRows-nl_click":1000,"ArchiveFilesMissing":2/,
  );
  expect(told + JSON.stringify(failed)).not.toMatch(/reader\.|@example/);
  expect(told).not.toContain(apiKey);
});

test("refuses a day that is not over, and shows a good event", async () => {
  const answer = await functions[0]?.invoke({ date: "2999-01-01" });
  expect(answer).toMatchObject({ ok: false, error: { errorType: "InvalidEventError" } });
  expect(JSON.stringify(answer)).toContain("date: 2999-01-01 is not over yet in Europe/Paris");
});

test("a file of 80 MB passes through a function of 256 MB without filling it", async () => {
  const rows = Buffer.from(
    "2018-02-15 10:51:12,reader.1@example.fr,1,2,3,hard,550 5.1.1 User unknown\n".repeat(14_000),
  );
  const blocks = 76;
  const { url } = await scriptedServer(json({ token: "t" }), async (response) => {
    response.write(`${eventColumns.nl_bounce.join()}\n`);
    for (let sent = 0; sent < blocks; sent++) {
      if (!response.write(rows)) await once(response, "drain");
    }
    response.end();
  });
  const archive = await startArchive(url);
  const answer = await archive.invoke({ date: "2018-02-15", events: ["nl_bounce"] });
  expect(answer).toMatchObject({
    ok: true,
    payload: { files: [{ outcome: "stored", rows: blocks * 14_000 }] },
  });
  expect(archive.peakMemoryMb).toBeLessThan(220);
  await archive.stop();
});
