import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lockKey } from "../../functions/platform/storage/object-keys.ts";
import { createObjectStore, type ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { type EventBusServer, startEventBus } from "../support/event-bus-server.ts";

const jobs = {
  "sync-subscribers": { list: "daily", mode: "apply" },
  "import-subscribers": { list: "daily" },
};

describe.each(Object.entries(jobs))("an event to %s that is delivered twice", (functionName, event) => {
  let folder: string;
  let aws: LocalAws;
  let s3: S3Client;
  let objects: ObjectStore;
  let sandbox: Sandbox;
  let bus: EventBusServer;
  /** As in two of Lambda's environments. */
  let environments: readonly LocalFunction[];
  const lines: string[] = [];
  let hour = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
    sandbox = await startSandbox({ lists: [{ id: 123 }] });
    bus = await startEventBus();
    aws = await startLocalAws({ variables: {}, secrets: { account: sandbox.credentials } });
    const { AWS_ENDPOINT_URL_S3: endpoint = "", EXCHANGE_BUCKET = "" } = aws.environment;
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    s3 = new S3Client({ endpoint, region: "eu-west-3", credentials, forcePathStyle: true });
    objects = createObjectStore(s3, EXCHANGE_BUCKET);
    const source = { kind: "csv", uri: pathToFileURL(join(folder, "daily.csv")).href };
    const configuration = parseConfiguration({
      provider: { kind: "ownpage", baseUrl: sandbox.url, secret: "account" },
      lists: { daily: { id: 123, source, import: { settleSeconds: 1 } } },
    });
    const start = () =>
      startLocalFunction({
        functionName,
        configuration: functionConfiguration(configuration, functionName as keyof typeof jobs),
        environment: { ...aws.environment, ...bus.environment },
        timeoutMs: 60_000,
        onLine: (line) => lines.push(line),
      });
    environments = await Promise.all([start(), start()]);
    // A person lets the schedule begin.
    writeSource("first@example.fr");
    await deliver(event, 1);
  });
  afterAll(async () => {
    await Promise.all(environments.map((environment) => environment.stop()));
    s3.destroy();
    await Promise.all([sandbox.stop(), bus.stop(), aws.stop()]);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    hour++;
    lines.length = 0;
    bus.events.length = 0;
  });

  const scheduled = () => ({ ...event, scheduledAt: new Date(Date.UTC(2026, 5, 1, hour)).toISOString() });

  async function deliver(sent: object, times = 2) {
    return await Promise.all(environments.slice(0, times).map((environment) => environment.invoke(sent)));
  }

  function writeSource(...addresses: string[]): void {
    writeFileSync(join(folder, "daily.csv"), ["email", "first@example.fr", ...addresses, ""].join("\n"));
  }

  /** The runs that tell their figures, and the failures of which CloudWatch is told. */
  function counted() {
    const told = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    return {
      measured: told.filter(({ figures }) => figures !== undefined).length,
      failed: told.filter(({ RunFailed }) => RunFailed !== undefined).length,
    };
  }

  async function holdLock(holder: object): Promise<void> {
    const lock = { runId: "the-first", expiresAt: new Date(Date.now() + 60_000).toISOString(), ...holder };
    await objects.put(lockKey("daily"), Buffer.from(JSON.stringify(lock)));
  }

  async function letGo(): Promise<void> {
    await holdLock({ expiresAt: new Date(0).toISOString() });
  }

  test("is worked on once: the other run ends well, and is neither a success nor a failure", async () => {
    writeSource("second@example.fr");
    const answers = await deliver(scheduled());
    expect(answers).toMatchObject([{ ok: true }, { ok: true }]);
    const reports = answers.map((answer) => (answer as { payload: Record<string, string> }).payload);
    const [duplicate, ...others] = reports.filter(({ duplicateOf }) => duplicateOf !== undefined);
    expect(others).toEqual([]);
    expect(duplicate!["summary"]).toContain(`the other run is ${duplicate!["duplicateOf"]}`);
    expect(counted()).toEqual({ measured: 1, failed: 0 });
    expect(bus.events.map(({ detail }) => [detail.run, detail.startedBy])).toEqual([
      [duplicate!["duplicateOf"], "schedule"],
    ]);
    expect(sandbox.list(123).get("second@example.fr")).toMatchObject({ subscribed: true });
  });

  test("changes nothing and asks the provider nothing while the first run works", async () => {
    writeSource("third@example.fr");
    const sent = scheduled();
    await holdLock({ trigger: `${functionName} at ${sent.scheduledAt}` });
    sandbox.requests.length = 0;
    const [answer] = await deliver(sent, 1);
    expect(answer).toMatchObject({ ok: true, payload: { duplicateOf: "the-first" } });
    expect(sandbox.requests).toEqual([]);
    expect(lines.filter((line) => line.includes('"CloudWatchMetrics"') && line.includes('"list"'))).toEqual(
      [],
    );
    expect(lines.at(-1)).toContain("run was a duplicate");
    await letGo();
  });

  test.each([
    [
      "another tick of its schedule",
      (sent: { scheduledAt: string }) => `${functionName} of ${sent.scheduledAt}`,
    ],
    [
      "the other job's tick of that time",
      (sent: { scheduledAt: string }) => `other-job at ${sent.scheduledAt}`,
    ],
  ])("fails as before if the list is busy because of %s", async (_, triggerFor) => {
    const sent = scheduled();
    await holdLock({ trigger: triggerFor(sent) });
    const [answer] = await deliver(sent, 1);
    expect(answer).toMatchObject({ ok: false, error: { errorType: "ListBusyError" } });
    expect(counted()).toEqual({ measured: 1, failed: 1 });
    await letGo();
  });

  test("does no harm when the second one comes late, even if another run came between", async () => {
    writeSource("third@example.fr");
    const sent = scheduled();
    const [first] = await deliver(sent, 1);
    expect(first).toMatchObject({ ok: true });
    const subscribers = () => sandbox.list(123).get("third@example.fr");
    expect(subscribers()).toMatchObject({ subscribed: true });
    const [late] = await deliver(sent, 1);
    expect(late).toMatchObject({ ok: true, payload: { duplicateOf: expect.any(String) } });
    await deliver({ ...event, scheduledAt: "2026-06-02T00:00:00Z" }, 1);
    const [latest] = await deliver(sent, 1);
    expect(latest).toMatchObject({ ok: true, payload: { planned: { subscribe: 0 } } });
    expect(counted().failed).toBe(0);
  });
});
