import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type LocalQueue, openLocalQueue } from "../../infra/local/local-queue.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import * as constantContact from "../../infra/sandbox/constant-contact/start-sandbox.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";

const apiKey = "a-key-that-no-log-may-show";
const form = { trackingKey: "our-site", formKey: "our-form" };
const source = { kind: "csv", uri: "s3://exports/daily.csv" };

let sandbox: Sandbox;
let magazine: constantContact.Sandbox;
let aws: LocalAws;
let queue: LocalQueue;
let push: LocalFunction;
let lines: string[] = [];
let queues = 0;

beforeAll(async () => {
  sandbox = await startSandbox({
    credentials: { client: "le-journal", apiKey },
    lists: [{ id: 123 }, { id: 124 }],
    optIn: { ...form, listId: 123 },
  });
  magazine = await constantContact.startSandbox({
    contacts: [{ email: "bob@example.fr" }],
  });
  aws = await startLocalAws({
    variables: {},
    secrets: {
      ownpage: { ...sandbox.credentials, optIn: { daily: form } },
      "constant-contact": magazine.credentials,
    },
  });
});
afterAll(async () => {
  await push.stop();
  await Promise.all([sandbox.stop(), magazine.stop(), aws.stop()]);
});

beforeEach(async () => {
  await push?.stop();
  queue?.stop();
  queue = await openLocalQueue(aws, { name: `pushes-${++queues}`, visibilitySeconds: 60 });
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: sandbox.url, secret: "ownpage" },
    lists: {
      daily: { id: 123, source },
      weekly: { id: 124, source },
      magazine: {
        id: dailyList,
        source,
        provider: {
          kind: "constant-contact",
          baseUrl: magazine.url,
          tokenUrl: magazine.tokenUrl,
          secret: "constant-contact",
        },
      },
    },
  });
  push = await startLocalFunction({
    functionName: "push-changes",
    configuration: functionConfiguration(configuration, "push-changes"),
    environment: { ...aws.environment, ...queue.environment },
    timeoutMs: 60_000,
    onLine: (line) => lines.push(line),
  });
  lines = [];
  sandbox.faults.length = 0;
  sandbox.requests.length = 0;
  for (const id of [123, 124]) {
    sandbox.list(id).clear();
    sandbox.list(id).set(
      ...["ada@example.fr", "bob@example.fr"].map((email) => ({
        email,
        subscribed: true,
        subscribed_at: "2020-01-01T00:00:00Z",
      })),
    );
  }
});

const at = () => new Date().toISOString();
const left = (list: string, email: string) => ({
  list,
  email,
  subscribed: false,
  unsubscribed_cause: "READER",
  at: at(),
});
const joined = (list: string, email: string, fields = {}) => ({
  list,
  email,
  subscribed: true,
  consented_at: at(),
  ...fields,
});

async function deliverAll(): Promise<void> {
  while ((await queue.deliver(push)) > 0);
}

test("messages of several lists and both providers are done in one batch", async () => {
  await queue.send(left("daily", "ada@example.fr"));
  await queue.send(joined("weekly", "eve@example.fr", { data_firstname: "Eve" }));
  await queue.send(left("magazine", "bob@example.fr"));
  expect(await queue.deliver(push)).toBe(3);
  expect(await queue.count()).toBe(0);
  expect(sandbox.list(123).get("ada@example.fr")).toMatchObject({ subscribed: false });
  expect(sandbox.list(123).get("bob@example.fr")).toMatchObject({ subscribed: true });
  expect(sandbox.list(124).get("eve@example.fr")).toMatchObject({ subscribed: true });
  expect(magazine.membersOf(dailyList)).toEqual([]);
}, 60_000);

test("credentials that are refused cost waiting, and no message", async () => {
  sandbox.faults.push({ match: { path: "/subscribers" }, fault: { kind: "status", status: 401 } });
  await queue.send(left("daily", "ada@example.fr"));
  await queue.send(left("weekly", "ada@example.fr"));
  await queue.deliver(push);
  expect(await queue.count()).toBe(2);
  expect(lines.join("\n")).toContain("CredentialError");
}, 60_000);

test("a list whose provider fails does not hold up another list", async () => {
  sandbox.faults.push({ match: { path: "/lists/123/" }, fault: { kind: "status", status: 404 } });
  await queue.send(left("daily", "ada@example.fr"));
  await queue.send(left("weekly", "ada@example.fr"));
  await queue.deliver(push);
  expect(await queue.count()).toBe(1);
  expect(sandbox.list(124).get("ada@example.fr")).toMatchObject({ subscribed: false });
}, 60_000);

test("a full batch takes with it what waits behind it", async () => {
  for (let n = 0; n < 200; n++) sandbox.list(123).set({ email: `member-${n}@example.fr`, subscribed: true });
  for (let n = 0; n < 65; n++) await queue.send(joined("daily", `reader-${n}@example.fr`));
  expect(await queue.deliver(push)).toBe(10);
  expect(await queue.count()).toBe(0);
  expect(sandbox.list(123).get("reader-64@example.fr")).toMatchObject({ subscribed: true });
  const { length } = sandbox.requests.filter(({ method }) => method === "POST");
  // Its token, and all of them in one batch.
  expect(length).toBe(2);
}, 60_000);

test("a message that is sent twice is done once, and a reader's messages are done in their order", async () => {
  const message = left("daily", "ada@example.fr");
  await queue.send(message);
  await queue.send(message);
  await queue.send(joined("daily", "Ada@example.fr"));
  expect(await queue.count()).toBe(2);
  await deliverAll();
  expect(await queue.count()).toBe(0);
  expect(sandbox.list(123).get("ada@example.fr")).toMatchObject({ subscribed: true });
}, 60_000);

test("what was given out and never answered is given out again, and done twice it changes nothing more", async () => {
  const { length } = sandbox.writes;
  queue = await openLocalQueue(aws, { name: `pushes-${++queues}`, visibilitySeconds: 1 });
  await queue.send(left("daily", "ada@example.fr"));
  const error = { errorType: "Runtime.ExitError", errorMessage: "killed", trace: [] };
  const crashed = {
    invoke: async (event: unknown) => {
      await push.invoke(event);
      return { ok: false as const, error };
    },
  };
  await queue.deliver(crashed);
  expect(await queue.count()).toBe(1);
  await sleep(1_100);
  expect(await queue.deliver(push)).toBe(1);
  expect(await queue.count()).toBe(0);
  expect(sandbox.writes.length - length).toBe(1);
}, 60_000);

test("a person's event lets as much again pass", async () => {
  const result = await push.invoke({
    list: "daily",
    approve: ["subscribe"],
    approvedBy: "Anna, circulation",
  });
  expect(result).toMatchObject({ ok: true, payload: { approval: { approve: ["subscribe"] } } });
}, 60_000);

test("no log shows an address or a key", async () => {
  await queue.send(left("daily", "ada@example.fr"));
  await queue.send(joined("daily", "not an address"));
  await queue.send("no JSON of someone@example.fr");
  await deliverAll();
  expect(await queue.count()).toBe(0);
  expect(lines.join("\n")).not.toMatch(/example\.fr|a-key-that-no-log-may-show/);
}, 60_000);

describe("double opt-in", () => {
  test("the provider asks the reader", async () => {
    await queue.send({ list: "daily", email: "eve@example.fr", optIn: true, data_firstname: "Eve" });
    await queue.deliver(push);
    expect(sandbox.pendingOptIns).toMatchObject([{ email: "eve@example.fr", data_firstname: "Eve" }]);
  }, 60_000);
});
