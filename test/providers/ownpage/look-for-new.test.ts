import { describe, expect, test } from "vitest";
import type { Change } from "../../../functions/domain/plan.ts";
import { findDiscrepancies } from "../../../functions/domain/reconcile.ts";
import { createOwnpageProvider } from "../../../functions/providers/ownpage/ownpage-provider.ts";
import type { Sandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { listId, optionsFor, sandboxWith, signal } from "./connect.ts";

const subscription = (email: string): Change => ({
  kind: "subscribe",
  email,
  fields: {},
  saw: null,
  reason: "",
});
const emails = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `new${from + n}@x.fr`);
const subscriptions = (count: number, from = 0) => emails(count, from).map(subscription);

/** A list of 30 readers. */
const listOf = (...more: readonly string[]) =>
  sandboxWith({ lists: [{ id: listId, synthetic: 30, subscribers: more.map((email) => ({ email })) }] });

const providerOf = (sandbox: Sandbox, pageRows = 25) =>
  createOwnpageProvider({ ...optionsFor(sandbox), listId, pageRows, timeZone: "Europe/Paris" });
const options = { since: Date.UTC(2026, 4, 1), held: 30, signal };

/** The requests since the last time, without those for a token. */
function requestsIn(sandbox: Sandbox): string[] {
  const calls = sandbox.requests.splice(0).filter(({ path }) => path !== "/token");
  return calls.map(({ method, path, query }) => {
    const call = path.endsWith("/count") ? "count" : method === "POST" ? "write" : "page";
    return query["search"] === undefined ? call : "search";
  });
}

describe("new addresses, looked for just before they are sent", () => {
  test("are searched for, up to twenty", async () => {
    const sandbox = await listOf();
    await providerOf(sandbox).writeBatch(subscriptions(20), options);
    const requests = requestsIn(sandbox);
    expect(requests.filter((call) => call === "search")).toHaveLength(20);
    expect(requests).toHaveLength(21);
  });

  test("beyond twenty are only counted, as long as the list has its size", async () => {
    const sandbox = await listOf();
    const provider = providerOf(sandbox);
    for (const from of [0, 21, 42]) {
      await provider.writeBatch(subscriptions(21, from), options);
      expect(requestsIn(sandbox)).toEqual(["count", "write"]);
    }
  });

  test("beyond twenty are looked for in the whole list when somebody else has changed it", async () => {
    const sandbox = await listOf("NEW3@x.fr", "new5@x.fr", "new7@x.fr");
    sandbox.list(listId).optOut("new7@x.fr");
    const provider = providerOf(sandbox);
    const changes = subscriptions(21);
    const answer = await provider.writeBatch(changes, options);
    expect(answer.stale).toEqual([changes[3], changes[7]]);
    expect(findDiscrepancies(1, answer)).toEqual([]);
    expect(requestsIn(sandbox)).toContain("page");
    await provider.writeBatch(subscriptions(21, 21), options);
    expect(requestsIn(sandbox)).toEqual(["count", "write"]);
  });

  test("are looked for in the whole list five times at the most", async () => {
    const sandbox = await listOf();
    const provider = providerOf(sandbox, 1_000);
    for (let batch = 0; batch < 7; batch++) {
      sandbox.list(listId).set({ email: `other${batch}@x.fr` });
      await provider.writeBatch(subscriptions(21, 21 * batch), options);
    }
    expect(requestsIn(sandbox).filter((call) => call === "page")).toHaveLength(5);
  });

  test("are not mistaken for somebody else's while several batches are under way", async () => {
    const sandbox = await listOf();
    const provider = providerOf(sandbox);
    await Promise.all([0, 1, 2, 3].map((n) => provider.writeBatch(subscriptions(30, 30 * n), options)));
    await provider.writeBatch(subscriptions(30, 120), options);
    expect(requestsIn(sandbox)).not.toContain("page");
  });

  test("are sent again after a lost answer, and not mistaken for somebody else's", async () => {
    for (const count of [5, 30]) {
      const sandbox = await listOf();
      const provider = providerOf(sandbox);
      sandbox.faults.push({
        match: { method: "POST", path: /subscribers$/ },
        times: 1,
        fault: { kind: "lost" },
      });
      const answer = await provider.writeBatch(subscriptions(count), options);
      expect(answer).toMatchObject({ stale: [], unconfirmed: [], attempts: 2 });
      await provider.writeBatch(subscriptions(30, 50), options);
      expect(requestsIn(sandbox)).not.toContain("page");
    }
  });

  test("are found in another spelling of their domain", async () => {
    const sandbox = await listOf("max@bücher.example");
    const changes = [subscription("max@xn--bcher-kva.example"), subscription("new@x.fr")];
    expect((await providerOf(sandbox).writeBatch(changes, options)).stale).toEqual([changes[0]]);
  });

  test("are looked for in the whole list when more match than a page holds", async () => {
    const sandbox = await listOf(...Array.from({ length: 9 }, (_, n) => `${n}new0@x.fr`), "NEW0@x.fr");
    const changes = subscriptions(2);
    expect((await providerOf(sandbox, 5).writeBatch(changes, options)).stale).toEqual([changes[0]]);
  });
});
