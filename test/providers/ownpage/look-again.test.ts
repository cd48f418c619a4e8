import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { BatchAnswer } from "../../../functions/domain/batch-answer.ts";
import type { Change } from "../../../functions/domain/plan.ts";
import type { BatchRefusedError } from "../../../functions/domain/provider-errors.ts";
import { createOwnpageProvider } from "../../../functions/providers/ownpage/ownpage-provider.ts";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import type { Sandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { failureOf, listId, optionsFor, sandboxWith, signal } from "./connect.ts";

const leftAt = "2026-05-01T08:00:00.000Z";
const emails = (length: number) => Array.from({ length }, (_, n) => `reader.${n}@x.fr`);

const resubscription = (email: string): Change => ({
  kind: "resubscribe",
  email,
  fields: {},
  saw: { subscribed: false, cause: "READER", unsubscribedAt: leftAt, fields: {} },
  reason: "consented again since it was unsubscribed",
});

/** A list of readers who all opted out at the same time. */
const listOf = (readers: readonly string[], options: Partial<SandboxOptions> = {}) =>
  sandboxWith({
    lists: [
      {
        id: listId,
        subscribers: readers.map((email) => ({
          email,
          subscribed: false,
          unsubscribed_cause: "READER",
          unsubscribed_at: leftAt,
        })),
      },
    ],
    ...options,
  });

const when = { since: Date.parse(leftAt) + 1, held: 0, signal };

function providerOf(sandbox: Sandbox, { concurrency = 8 } = {}) {
  const options = { ...optionsFor(sandbox, { concurrency }), timeZone: "Europe/Paris" };
  return createOwnpageProvider({ ...options, listId, pageRows: 25 });
}

function write(sandbox: Sandbox, changes: readonly Change[]) {
  const provider = providerOf(sandbox);
  return provider.writeBatch(changes, when);
}

/** Does something to the list just before the write of this number is sent. */
function beforeWrite(sandbox: Sandbox, number: number, act: () => void): void {
  let writes = 0;
  sandbox.onRequest(({ method, path }) => {
    if (method === "POST" && path.endsWith("/subscribers") && ++writes === number) act();
  });
}

const subscribedBy = ({ counters }: BatchAnswer) => counters["subscribed"]?.answered;

const written = (sandbox: Sandbox) => sandbox.writes.map(({ email }) => email);

describe("a resubscription, looked at again just before it is sent", () => {
  test.each([3, 20, 21, 120])(
    "is sent when its address is still what the plan saw: %i of them",
    async (count) => {
      const readers = emails(count);
      const sandbox = await listOf(readers);
      const answer = await write(sandbox, readers.map(resubscription));
      expect([subscribedBy(answer), answer.stale]).toEqual([count, []]);
    },
  );

  test.each([
    ["opted out anew", (sandbox: Sandbox, email: string) => sandbox.list(listId).optOut(email)],
    [
      "opted out anew, by a clock that is slow",
      (sandbox: Sandbox, email: string) =>
        sandbox.list(listId).optOut(email, "READER", new Date(Date.parse(leftAt) - 1000)),
    ],
    [
      "opted out at the moment when the run began",
      (sandbox: Sandbox, email: string) =>
        sandbox.list(listId).optOut(email, "READER", new Date(Date.parse(leftAt) + 1)),
    ],
    [
      "bounced at the same time",
      (sandbox: Sandbox, email: string) =>
        sandbox.list(listId).optOut(email, "HARD_BOUNCE", new Date(leftAt)),
    ],
    ["was subscribed", (sandbox: Sandbox, email: string) => sandbox.list(listId).set({ email })],
    [
      "was unsubscribed in another spelling",
      (sandbox: Sandbox, email: string) => {
        const spelling = email.toUpperCase();
        sandbox.list(listId).set({ email: spelling });
        sandbox.list(listId).optOut(spelling);
      },
    ],
    ["was deleted", (sandbox: Sandbox, email: string) => sandbox.list(listId).delete(email)],
  ])("is not sent when it %s since", async (_name, since) => {
    for (const count of [3, 80]) {
      const readers = emails(count);
      const sandbox = await listOf(readers);
      since(sandbox, readers[1]!);
      const changes = readers.map(resubscription);
      const answer = await write(sandbox, changes);
      expect(written(sandbox)).toEqual(readers.filter((email) => email !== readers[1]));
      expect(answer.stale).toEqual([changes[1]]);
      expect(answer.attempts).toBe(1);
    }
  });

  test.each([
    ["came back", undefined],
    ["opted out", "READER"],
  ])("is not sent when the reader %s under a domain in other letters", async (_, cause) => {
    const sandbox = await listOf(["max@xn--bcher-kva.example"]);
    sandbox.list(listId).set({ email: "Max@bücher.example" });
    if (cause !== undefined) sandbox.list(listId).optOut("Max@bücher.example", cause);
    const changes = [resubscription("max@xn--bcher-kva.example")];
    expect((await write(sandbox, changes)).stale).toEqual(changes);
  });

  test("is not sent when the reader opts out between a search and the reading that follows it", async () => {
    const sandbox = await listOf(emails(2));
    sandbox.onRequest(({ query }) => {
      if (query["status"] === "unsubscribed") sandbox.list(listId).optOut("reader.0@x.fr");
    });
    // Whoever a search does not find makes the list be read.
    const changes = [...emails(2), "deleted@x.fr"].map(resubscription);
    const { stale } = await write(sandbox, changes);
    expect(written(sandbox)).toEqual(["reader.1@x.fr"]);
    expect(stale).toEqual([changes[0], changes[2]]);
  });

  test("is not sent again when the reader opted out after an attempt whose answer was lost", async () => {
    const sandbox = await listOf(emails(2));
    sandbox.faults.push({
      match: { method: "POST", path: /subscribers$/ },
      times: 1,
      fault: { kind: "reset" },
    });
    beforeWrite(sandbox, 1, () => sandbox.list(listId).optOut("reader.0@x.fr"));
    const changes = emails(2).map(resubscription);
    const { stale, unconfirmed, attempts } = await write(sandbox, changes);
    expect(written(sandbox)).toEqual(["reader.1@x.fr"]);
    expect([stale, unconfirmed, attempts]).toEqual([[], [changes[0]], 2]);
  });

  test("is not sent again when the attempt whose answer was lost had applied it", async () => {
    const sandbox = await listOf(emails(2));
    sandbox.faults.push({
      match: { method: "POST", path: /subscribers$/ },
      times: 1,
      fault: { kind: "lost" },
    });
    const changes = emails(2).map(resubscription);
    const { stale, unconfirmed, attempts, counters } = await write(sandbox, changes);
    expect(written(sandbox)).toEqual(emails(2));
    expect([stale, unconfirmed, attempts]).toEqual([[], changes, 1]);
    expect(counters["uniqueEmails"]).toEqual({ predicted: 2, answered: 0 });
  });

  test("is looked for among all unsubscribed rows when more match than a page holds", async () => {
    const readers = ["a@x.fr", ...Array.from({ length: 30 }, (_, n) => `${n}a@x.fr`), "A@X.FR"];
    const sandbox = await listOf(readers);
    sandbox.list(listId).optOut("A@X.FR");
    const changes = [resubscription("a@x.fr")];
    expect((await write(sandbox, changes)).stale).toEqual(changes);
  });

  test("shares the allowed number of requests with those of other batches", async () => {
    const sandbox = await listOf(emails(16));
    let underWay = 0;
    let most = 0;
    sandbox.onRequest(async ({ query }) => {
      if (query["search"] === undefined) return;
      most = Math.max(most, ++underWay);
      await wait(10);
      underWay--;
    });
    const provider = providerOf(sandbox, { concurrency: 3 });
    const changes = emails(16).map(resubscription);
    await Promise.all([
      provider.writeBatch(changes.slice(0, 8), when),
      provider.writeBatch(changes.slice(8), when),
    ]);
    expect(most).toBe(3);
  });

  test("is sent even if the time that the plan saw is still to come: a provider may tell only days", async () => {
    const sandbox = await listOf(emails(1));
    const early = { ...when, since: Date.parse(leftAt) - 1 };
    const answer = await providerOf(sandbox).writeBatch(emails(1).map(resubscription), early);
    expect(subscribedBy(answer)).toBe(1);
  });

  test("is sent with another token if looking again used up the first", async () => {
    const sandbox = await listOf(emails(20), { tokenCalls: 10 });
    expect(subscribedBy(await write(sandbox, emails(20).map(resubscription)))).toBe(20);
  });

  test("does not hold up the other changes of its batch", async () => {
    const sandbox = await listOf(emails(1));
    sandbox.list(listId).optOut("reader.0@x.fr");
    const added: Change = { kind: "subscribe", email: "new@x.fr", fields: {}, saw: null, reason: "" };
    await write(sandbox, [resubscription("reader.0@x.fr"), added]);
    expect(written(sandbox)).toEqual(["new@x.fr"]);
  });

  test("is found among all unsubscribed rows when the search finds nobody", async () => {
    const readers = emails(30);
    const sandbox = await listOf(readers);
    const isSearch = { match: { method: "GET", query: { status: "all" } } };
    sandbox.faults.push({ ...isSearch, fault: { kind: "status", status: 200, body: [] } });
    expect(subscribedBy(await write(sandbox, readers.map(resubscription)))).toBe(30);
  });

  test("in a batch that is refused: a named line is one of the batch, not of what was sent", async () => {
    const sandbox = await listOf(emails(3));
    sandbox.list(listId).optOut("reader.0@x.fr");
    const refusal = { status: "INVALID_REQUEST", message: "1 error(s): L2: email is not valid" };
    sandbox.faults.push({
      match: { method: "POST" },
      after: 1,
      fault: { kind: "status", status: 400, body: refusal },
    });
    const error = (await failureOf(write(sandbox, emails(3).map(resubscription)))) as BatchRefusedError;
    expect(error.lines.map(({ position }) => position)).toEqual([2]);
  });
});
