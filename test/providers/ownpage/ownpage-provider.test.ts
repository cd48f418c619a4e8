import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { OddRow } from "../../../functions/domain/odd-rows.ts";
import type { Change, Saw } from "../../../functions/domain/plan.ts";
import {
  AnswerTooLargeError,
  ProviderContractError,
  ProviderUnavailableError,
} from "../../../functions/domain/provider-errors.ts";
import type { SubscriberPage } from "../../../functions/domain/records/subscriber-page.ts";
import { createHttp } from "../../../functions/platform/http/http.ts";
import type { SendRequest } from "../../../functions/platform/http/send-request.ts";
import { createOwnpageProvider } from "../../../functions/providers/ownpage/ownpage-provider.ts";
import type { Provider } from "../../../functions/providers/provider.ts";
import type { Sandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { failureOf, listId, optionsFor, sandboxWith, signal } from "./connect.ts";

const pages = /subscribers$/;
const columns = ["guid", "data_firstname"];
const reading = { columns, subscribedSince: Number.POSITIVE_INFINITY, signal };

function providerOf(sandbox: Sandbox, { pageRows = 10, concurrency = 4, list = listId } = {}): Provider {
  const options = { ...optionsFor(sandbox, { concurrency }), timeZone: "Europe/Paris" };
  return createOwnpageProvider({ ...options, listId: list, pageRows });
}

const listOf = (synthetic: number, delayMs = 0) =>
  sandboxWith({ lists: [{ id: listId, synthetic }], delayMs });

async function collect(pages: AsyncIterable<SubscriberPage>): Promise<number[]> {
  const counts: number[] = [];
  for await (const { records } of pages) counts.push(records.count);
  return counts.sort((a, b) => b - a);
}

const offsetsOf = (sandbox: Sandbox): number[] =>
  sandbox.requests
    .filter(({ path }) => pages.test(path))
    .map(({ query }) => Number(query["offset"]))
    .sort((a, b) => a - b);

describe("reading a list", () => {
  test.each([
    [35, 35, [10, 10, 10, 5], [0, 10, 20, 30]],
    [30, 30, [10, 10, 10, 0], [0, 10, 20, 30]],
    [0, 0, [0], [0]],
    [25, 0, [10, 10, 5], [0, 10, 20]],
    [5, 95, [5, 0, 0, 0, 0, 0], [0, 10, 20, 30, 40, 50]],
  ])("of %i rows, %i expected, requests the pages up to the first that is not full", async (...given) => {
    const [rows, expected, counts, offsets] = given;
    const sandbox = await listOf(rows);
    expect(await collect(providerOf(sandbox).readPages({ ...reading, expected }))).toEqual(counts);
    expect(offsetsOf(sandbox)).toEqual(offsets);
    for (const { query, path } of sandbox.requests) {
      if (pages.test(path)) expect(query).toMatchObject({ status: "all", count: "10" });
    }
  });

  test("goes on after a full page, whether or not all of its rows have an address", async () => {
    const isAnonymous = (email: string) => email.includes("7");
    const sandbox = await sandboxWith({ lists: [{ id: listId, synthetic: 30 }], isAnonymous });
    const emails = [...sandbox.list(listId).subscribers.keys()];
    const read = providerOf(sandbox).readPages({ ...reading, expected: 0 });
    const oddRows: OddRow[] = [];
    for await (const page of read) oddRows.push(...page.oddRows);
    expect(offsetsOf(sandbox)).toEqual([0, 10, 20, 30]);
    expect(new Set(oddRows)).toEqual(
      new Set(
        [...emails.entries()]
          .filter(([, email]) => isAnonymous(email))
          .map(([at]) => ({
            place: `row ${(at % 10) + 1} of the page at offset ${at - (at % 10)}`,
            problem: "no address",
          })),
      ),
    );
  });

  test.each([
    [200, 3, undefined],
    [200, 3, "garbage"],
    [200, 3, "wrongShape"],
    [200, 3, "reset"],
    [0, 1, undefined],
  ] as const)(
    "of %i expected rows has at most %i page requests in flight: %s",
    async (expected, most, kind) => {
      const sandbox = await listOf(95);
      if (kind !== undefined)
        sandbox.faults.push({ match: { path: pages }, after: 2, times: 6, fault: { kind } });
      let underWay = 0;
      let seen = 0;
      sandbox.onRequest(async ({ path }) => {
        if (!pages.test(path)) return;
        seen = Math.max(seen, ++underWay);
        await wait(10);
        underWay--;
      });
      await collect(providerOf(sandbox, { concurrency: 3 }).readPages({ ...reading, expected }));
      expect(seen).toBe(most);
    },
  );

  test("asks for fewer rows at a time when a page of them is too large", async () => {
    const subscribers = Array.from({ length: 450 }, (_, n) => ({
      email: `${n}@x.fr`,
      data_note: "x".repeat(20_000),
    }));
    const sandbox = await sandboxWith({ lists: [{ id: listId, subscribers }] });
    const provider = providerOf(sandbox, { pageRows: 400, concurrency: 16 });
    const counts = await collect(provider.readPages({ ...reading, expected: 450 }));
    // 400 rows are 8 MB, and one of 16 pages that arrive at a time may have 4 MB.
    expect(counts).toEqual([100, 100, 100, 100, 50]);
    expect(provider.requests.retried).toBe(0);
  });

  test("ends in an error when a single row is too large", async () => {
    const subscribers = [{ email: "a@x.fr", data_note: "x".repeat(5_000_000) }];
    const sandbox = await sandboxWith({ lists: [{ id: listId, subscribers }] });
    const read = collect(providerOf(sandbox, { concurrency: 16 }).readPages({ ...reading, expected: 1 }));
    expect(await failureOf(read)).toBeInstanceOf(AnswerTooLargeError);
  });

  test("requests the next page once one has arrived, before it is packed", async () => {
    const happened: string[] = [];
    const send: SendRequest = async ({ url }) => {
      const offset = new URL(url).searchParams.get("offset");
      if (offset !== null) happened.push(`asked for ${offset}`);
      const said = offset === null ? '{"token":"t"}' : '[{"email":"jean@example.fr"}]';
      return { status: 200, headers: {}, body: Readable.from([Buffer.from(said)]) };
    };
    // Which column a field belongs to is looked up when the first page is packed.
    const columns = Object.assign([], { indexOf: () => happened.push("packed") && -1 });
    const options = { ...optionsFor(await listOf(0), { concurrency: 1 }), timeZone: "Europe/Paris" };
    const http = createHttp({ timeoutMs: 1000, retries: 0, send });
    const provider = createOwnpageProvider({ ...options, http, listId, pageRows: 1 });
    for await (const _ of provider.readPages({ ...reading, columns, expected: 10 })) break;
    expect(happened).toContain("packed");
    expect(happened.slice(0, 2)).toEqual(["asked for 0", "asked for 1"]);
  });

  test("holds two pages more than it requests at a time, while none is consumed", async () => {
    const sandbox = await listOf(200);
    const iterator = providerOf(sandbox, { concurrency: 3 })
      .readPages({ ...reading, expected: 200 })
      [Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitUntil(() => offsetsOf(sandbox).length === 3 + 2);
    await wait(50);
    expect(offsetsOf(sandbox)).toEqual([0, 10, 20, 30, 40]);
    await iterator.return?.();
  });

  test("stops with the signal's reason", async () => {
    const sandbox = await listOf(200);
    sandbox.faults.push({ match: { path: pages }, after: 2, fault: { kind: "hang" } });
    const run = new AbortController();
    const reason = new Error("the time is over");
    setTimeout(() => run.abort(reason), 30);
    const read = collect(providerOf(sandbox).readPages({ ...reading, expected: 200, signal: run.signal }));
    expect(await failureOf(read)).toBe(reason);
  });

  test.each(["garbage", "wrongShape", "cut", "reset", "lost"] as const)(
    "requests a page again that arrives as %s: it is never taken for an empty one",
    async (kind) => {
      const sandbox = await listOf(35);
      sandbox.faults.push({ match: { path: pages, query: { offset: 10 } }, times: 2, fault: { kind } });
      const provider = providerOf(sandbox);
      expect(await collect(provider.readPages({ ...reading, expected: 35 }))).toEqual([10, 10, 10, 5]);
      expect(provider.requests).toEqual({ sent: 7, retried: 2 });
    },
  );

  test.each([
    ["garbage", ProviderUnavailableError],
    ["wrongShape", ProviderContractError],
  ] as const)("ends in an error when a page arrives as %s each time", async (kind, type) => {
    const sandbox = await listOf(35);
    sandbox.faults.push({ match: { path: pages, query: { offset: 10 } }, fault: { kind } });
    const read = collect(providerOf(sandbox).readPages({ ...reading, expected: 35 }));
    expect(await failureOf(read)).toBeInstanceOf(type);
  });
});

test("counts both sides of the list", async () => {
  const { subscribed, unsubscribed } = await providerOf(await listOf(20)).countSubscribers(signal);
  expect([subscribed, unsubscribed]).toEqual([18, 2]);
});

const leftAt = "2026-05-01T08:00:00.000Z";
const when = { since: Date.parse(leftAt) + 1, held: 3, signal };

describe("writing a batch", () => {
  const saw: Saw = { subscribed: true, fields: {} };
  const left: Saw = { ...saw, subscribed: false, cause: "PUBLISHER", unsubscribedAt: leftAt };
  const fields = { guid: "7", data_firstname: "Zoé" };
  const reason = "a test";
  const changes: Change[] = [
    { kind: "subscribe", email: "new@x.fr", fields, saw: null, reason },
    { kind: "update", email: "known@x.fr", fields: { data_firstname: "" }, saw, reason },
    { kind: "resubscribe", email: "gone@x.fr", fields: {}, saw: left, reason },
    { kind: "unsubscribe", email: "other@x.fr", cause: "PUBLISHER", saw, reason },
  ];
  const held = () =>
    sandboxWith({
      lists: [
        {
          id: listId,
          subscribers: [
            { email: "known@x.fr", data_firstname: "Ana" },
            {
              email: "gone@x.fr",
              subscribed: false,
              unsubscribed_cause: "PUBLISHER",
              unsubscribed_at: leftAt,
            },
            { email: "other@x.fr" },
          ],
        },
      ],
    });

  test("says `subscribed: true` only of a resubscription, and gives every unsubscription a cause", async () => {
    const sandbox = await held();
    const answer = await providerOf(sandbox).writeBatch(changes, when);
    expect(sandbox.requests.at(-1)?.body).toEqual([
      { email: "new@x.fr", guid: "7", data_firstname: "Zoé" },
      { email: "known@x.fr", data_firstname: "" },
      { email: "gone@x.fr", subscribed: true },
      { email: "other@x.fr", subscribed: false, unsubscribed_cause: "PUBLISHER" },
    ]);
    const counted = (count: number) => ({ predicted: count, answered: count });
    expect(answer).toEqual({
      refused: [],
      stale: [],
      unconfirmed: [],
      held: [],
      counters: {
        uniqueEmails: counted(4),
        duplicateEmails: counted(0),
        duplicateGuids: counted(0),
        created: counted(1),
        subscribed: counted(2),
        unsubscribed: counted(1),
        dataChanged: counted(1),
        errors: counted(0),
      },
      attempts: 1,
    });
  });

  test("says how often it was sent, with a renewed token too", async () => {
    const sandbox = await held();
    const provider = providerOf(sandbox);
    await provider.countSubscribers(signal);
    sandbox.expireTokens();
    sandbox.faults.push({ match: { method: "POST", path: pages }, times: 1, fault: { kind: "lost" } });
    const others = changes.filter(({ kind }) => kind === "update" || kind === "unsubscribe");
    const { attempts, counters } = await provider.writeBatch(others, when);
    expect([attempts, counters["unsubscribed"]?.answered]).toEqual([3, 1]);
    expect(provider.requests).toEqual({ sent: 6, retried: 2 });
  });

  test("accepts as many rows as the provider does", async () => {
    const sandbox = await sandboxWith({ lists: [{ id: listId }] });
    const provider = providerOf(sandbox);
    const batch = Array.from(
      { length: provider.maxBatchRows },
      (_, n): Change => ({ kind: "subscribe", email: `${n}@x.fr`, fields: {}, saw: null, reason }),
    );
    const { counters } = await provider.writeBatch(batch, when);
    expect(counters["created"]?.answered).toBe(20_000);
  });
});
