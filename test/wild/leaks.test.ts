import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";

/** Of a reader's address, of the link that the provider answers with, and of the account's key. */
const secrets = /leaky|example\.fr|l3aky/;
const reader = (name: string) => `leaky.${name}@example.fr`;
const source = [
  "email,subscribed",
  `${reader("new")},`,
  `${reader("leaves")},false`,
  "leaky at example,",
  "",
];

/** Endpoints of each function, and an event that calls them all. */
const functions = {
  "sync-subscribers": {
    event: { list: "daily", mode: "apply" },
    endpoints: ["POST /token", "GET /count$", "GET /subscribers$", "POST /subscribers$"],
  },
  "import-subscribers": {
    event: { list: "daily" },
    endpoints: ["POST /token", "GET /count$", "POST /files"],
  },
  "archive-events": {
    event: { date: "2018-03-25", events: ["nl_bounce"] },
    endpoints: ["POST /token", "GET /newsletters/events"],
  },
} as const;

/** An answer of which nothing but the words is wrong, one whose rows are real as well, and those that end in an error. */
const answers = [
  { spared: ["token"] },
  { spared: ["token", "email"] },
  { status: 400 },
  { status: 503, retryAfter: 0 },
];

describe.each(Object.entries(functions))("%s tells nothing that the provider says", (functionName, given) => {
  const lines: string[] = [];
  let folder: string;
  let aws: LocalAws;
  let sandbox: Sandbox;
  let fn: LocalFunction;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
    writeFileSync(join(folder, "daily.csv"), source.join("\n"));
    const credentials = { client: "le-journal", apiKey: "l3aky-key" };
    sandbox = await startSandbox({ credentials, lists: [{ id: 123 }], events: { rowsPerDay: 3 } });
    aws = await startLocalAws({ variables: {}, secrets: { account: credentials } });
    const configuration = parseConfiguration({
      provider: { kind: "ownpage", baseUrl: sandbox.url, secret: "account" },
      lists: {
        daily: {
          id: 123,
          source: { kind: "csv", uri: pathToFileURL(join(folder, "daily.csv")).href },
          import: { settleSeconds: 0 },
        },
      },
      archive: {},
    });
    fn = await startLocalFunction({
      functionName,
      configuration: functionConfiguration(configuration, functionName),
      environment: aws.environment,
      timeoutMs: 60_000,
      onLine: (line) => lines.push(line),
    });
  });
  afterAll(async () => {
    await fn.stop();
    await Promise.all([sandbox.stop(), aws.stop()]);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    lines.length = 0;
    sandbox.faults.length = 0;
    sandbox.list(123).clear();
    sandbox.list(123).set({ email: reader("leaves") }, { email: reader("stays") });
  });

  test.each(given.endpoints)("in an answer to %s", async (endpoint) => {
    const [method = "", path = ""] = endpoint.split(" ");
    for (const answer of answers) {
      sandbox.faults.splice(0, 1, { match: { method, path }, fault: { kind: "leaky", ...answer } });
      sandbox.expireTokens();
      const result = await fn.invoke(given.event);
      const told = [JSON.stringify(result), ...lines.splice(0)];
      expect(told.filter((text) => secrets.test(text))).toEqual([]);
      expect(told.length).toBeGreaterThan(2);
    }
    expect(await storedReports()).not.toMatch(secrets);
  });

  async function storedReports(): Promise<string> {
    const s3 = new S3Client({
      endpoint: aws.environment["AWS_ENDPOINT_URL_S3"]!,
      region: "eu-west-3",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      forcePathStyle: true,
    });
    const Bucket = aws.environment["EXCHANGE_BUCKET"];
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "reports/" }));
    expect(Contents.length).toBeGreaterThan(0);
    const reports = Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return await Body?.transformToString();
    });
    return (await Promise.all(reports)).join();
  }
});
