import { setTimeout as sleep } from "node:timers/promises";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import type { LocalFunction } from "../../infra/local/lambda-runtime.ts";
import { startLocalAws } from "../../infra/local/local-aws.ts";
import { type LocalQueue, openLocalQueue } from "../../infra/local/local-queue.ts";
import type { FaultRule } from "../../infra/sandbox/fault.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { syntheticEmail } from "../../infra/sandbox/ownpage/synthetic-subscriber.ts";
import { printTable } from "./comparison.ts";

const listId = 123;
const listSize = 20_000;
const delayMs = 100;
const flood = 10_000;
const singles = 50;
/** Calls of a loop that are made; the others would take as long each. */
const loopCalls = 100;
/** As a deployment has them. */
const functionsAtOnce = 2;

/**
 * Measures pushes from the accepted message to the provider's list: one at a time, many at once, and many while every step
 * fails now and then. Half of them subscribe somebody, and half are opt-outs.
 */
export async function measurePush(): Promise<void> {
  console.log(
    `\npush: a list of ${listSize.toLocaleString("en-US")}, a provider that waits ${delayMs} ms a request`,
  );
  const one = await withWorld([], async (world) => {
    await world.sendAndDeliver(messages(10, 900_000));
    const times: number[] = [];
    for (const message of messages(singles, 0)) times.push(...(await world.sendAndDeliver([message])).times);
    return times;
  });
  const many = await withWorld([], (world) => world.sendAndDeliver(messages(flood, 0)));
  const loop = await withWorld([], (world) => callOneByOne(world.sandbox));
  const hurt = await withWorld(faults(), (world) =>
    world.sendAndDeliver(messages(flood, 0), { isHurt: true }),
  );
  printTable(
    ["", "50th percentile s", "99th percentile s", "all done s", "lost"],
    [
      row("one message at a time", one, { lost: 0 }),
      row(`${flood.toLocaleString("en-US")} at once`, many.times, many),
      row(
        "a loop of single calls, reckoned from its first hundred",
        loop.map((ms) => (ms * flood) / loopCalls),
        { lost: 0, totalMs: (loop.at(-1)! * flood) / loopCalls },
      ),
      row(`${flood.toLocaleString("en-US")} at once, every step fails now and then`, hurt.times, hurt),
    ],
  );
}

interface Outcome {
  /** How long each took, in ms. */
  readonly times: readonly number[];
  readonly totalMs: number;
  /** Messages that the provider's list does not show. */
  readonly lost: number;
}

interface World {
  readonly sandbox: Sandbox;
  sendAndDeliver(messages: readonly Message[], options?: { readonly isHurt?: boolean }): Promise<Outcome>;
}

interface Message {
  readonly list: string;
  readonly email: string;
  readonly subscribed: boolean;
  readonly [field: string]: unknown;
}

function messages(count: number, from: number): Message[] {
  const now = new Date().toISOString();
  return Array.from({ length: count }, (_, n) =>
    n % 2 === 0
      ? { list: "daily", email: `new.${from + n}@example.fr`, subscribed: true, consented_at: now }
      : {
          list: "daily",
          // Nine in ten of the synthetic readers are subscribed; those are.
          email: syntheticEmail(Math.floor((from / 100 + n) / 2) * 2),
          ...{ subscribed: false, unsubscribed_cause: "READER", at: now },
        },
  );
}

/** Each of them once in so many requests, so that no two keep step. */
function faults(): FaultRule[] {
  const path = "/subscribers";
  return [
    ...[3, 29, 67].map((after): FaultRule => ({ match: { path }, after, times: 1, fault: { kind: "lost" } })),
    ...[7, 37].map(
      (after): FaultRule => ({ match: { path }, after, times: 8, fault: { kind: "status", status: 503 } }),
    ),
    ...[13, 53].map((after): FaultRule => ({ match: { path }, after, times: 1, fault: { kind: "reset" } })),
    { match: { path }, after: 61, times: 1, fault: { kind: "cut" } },
    { match: { path: "/token" }, after: 2, times: 1, fault: { kind: "status", status: 401 } },
  ];
}

async function withWorld<Result>(
  rules: readonly FaultRule[],
  work: (world: World) => Promise<Result>,
): Promise<Result> {
  await using sandbox = await startSandbox({ delayMs, lists: [{ id: listId, synthetic: listSize }] });
  sandbox.faults.push(...rules);
  const aws = await startLocalAws({ variables: {}, secrets: { ownpage: sandbox.credentials } });
  const queue = await openLocalQueue(aws, { visibilitySeconds: 60 });
  const limit = { ratio: 1, floor: flood };
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: sandbox.url, secret: "ownpage" },
    lists: {
      daily: {
        id: listId,
        source: { kind: "csv", uri: "s3://exports/daily.csv" },
        limits: { unsubscribe: limit, subscribe: limit },
      },
    },
  });
  const start = () =>
    startLocalFunction({
      functionName: "push-changes",
      configuration: functionConfiguration(configuration, "push-changes"),
      environment: { ...aws.environment, ...queue.environment },
      // A function that is killed leaves the lock of the list behind for as long.
      timeoutMs: 30_000,
      onLine: () => undefined,
    });
  try {
    return await work({
      sandbox,
      sendAndDeliver: (sent, options) => sendAndDeliver(sent, { sandbox, queue, start, ...options }),
    });
  } finally {
    await Promise.all((warm.get(queue) ?? []).map((fn) => fn.stop()));
    queue.stop();
    await aws.stop();
  }
}

interface Delivering {
  readonly sandbox: Sandbox;
  readonly queue: LocalQueue;
  readonly isHurt?: boolean;
  start(): Promise<LocalFunction>;
}

const warm = new WeakMap<LocalQueue, LocalFunction[]>();

async function sendAndDeliver(
  sent: readonly Message[],
  { sandbox, queue, start, isHurt = false }: Delivering,
): Promise<Outcome> {
  const functions = warm.get(queue) ?? (await Promise.all(Array.from({ length: functionsAtOnce }, start)));
  warm.set(queue, functions);
  const acceptedAt = new Map<string, number>();
  const times: number[] = [];
  const seen = new Set(sandbox.requests);
  const watch = setInterval(() => {
    const now = performance.now();
    for (const request of sandbox.requests) {
      // A request is logged when it arrives, and its rows when they are applied.
      if (seen.has(request) || request.rows.length === 0) continue;
      seen.add(request);
      for (const { email } of request.rows) {
        const at = acceptedAt.get(String(email));
        if (at !== undefined) times.push(now - at);
        acceptedAt.delete(String(email));
      }
    }
  }, 10);
  const startedAt = performance.now();
  const deliver = async (place: number) => {
    for (let round = 1; ; round++) {
      const fn = functions[place]!;
      // A function that is killed: whatever it was doing is given out again.
      const isKilled = isHurt && round === 2;
      const delivered = queue.deliver(fn).catch(() => 1);
      if (isKilled) {
        await sleep(1_500);
        await fn.stop();
        functions[place] = await start();
      }
      if ((await delivered) > 0) continue;
      if (isSent && (await queue.count()) === 0) return;
      await sleep(isSent ? 500 : 5);
    }
  };
  let isSent = false;
  const delivering = Promise.all(functions.map((_, place) => deliver(place)));
  for (const message of sent) {
    await queue.send(message);
    acceptedAt.set(message.email, performance.now());
  }
  isSent = true;
  await delivering;
  await sleep(50);
  clearInterval(watch);
  const list = sandbox.list(listId);
  const lost = sent.filter(
    ({ email, subscribed }) => (list.get(email)?.subscribed ?? false) !== subscribed,
  ).length;
  return { times, totalMs: performance.now() - startedAt, lost };
}

/** What a website does that calls the provider itself. @returns after how many ms each was done */
async function callOneByOne({ url, credentials }: Sandbox): Promise<number[]> {
  const post = async (path: string, body: object, headers = {}) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const { client: username, apiKey: password } = credentials;
  const { token } = (await (await post("/token", { username, password })).json()) as { token: string };
  const startedAt = performance.now();
  const times: number[] = [];
  for (const { email, subscribed } of messages(loopCalls, 0)) {
    const row = { email, subscribed, ...(!subscribed && { unsubscribed_cause: "READER" }) };
    await post(`/newsletters/lists/${listId}/subscribers`, row, { "x-ownpage-client-token": token });
    times.push(performance.now() - startedAt);
  }
  return times;
}

function row(
  name: string,
  times: readonly number[],
  { lost, totalMs }: { readonly lost: number; readonly totalMs?: number },
): string[] {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! / 1000).toFixed(2);
  return [name, at(0.5), at(0.99), totalMs === undefined ? "-" : (totalMs / 1000).toFixed(1), String(lost)];
}
