import { describe, expect, test } from "vitest";
import {
  InvalidEventError,
  ListBusyError,
  OutOfTimeError,
  SourceError,
} from "../../functions/domain/errors.ts";
import { UnsafePlanError, UnusablePlanError } from "../../functions/domain/plan-errors.ts";
import {
  BatchRefusedError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../../functions/domain/provider-errors.ts";
import {
  lockKey,
  memoryKey,
  planChunkKey,
  planSummaryKey,
} from "../../functions/platform/storage/object-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { type HeldSubscriber, InMemoryProvider } from "../support/in-memory-provider.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const june = Date.UTC(2026, 5, 1);
const day = 24 * 60 * 60 * 1000;
const held = (more: Partial<HeldSubscriber> = {}): HeldSubscriber => ({
  subscribed: true,
  fields: {},
  ...more,
});
const emails = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    email: `reader${from + index}@x.fr`,
  }));
const heldEmails = (from: number, to: number) =>
  emails(from, to).map(({ email }) => [email, held()] as const);
const always = { resubscribePublisher: "always" };
const tight = {
  limits: {
    unsubscribe: { ratio: 0.1, floor: 2 },
    subscribe: { ratio: 0.1, floor: 2 },
  },
};

test("does not resubscribe a reader who opts out under another spelling after the run began", async () => {
  const left = held({ subscribed: false, cause: "PUBLISHER", unsubscribedAt: june - day });
  const world = new SyncWorld([["a@x.fr", left]], [{ email: "a@x.fr" }], always);
  world.provider.before = (call) => {
    const optOut = held({ subscribed: false, cause: "READER", unsubscribedAt: june });
    if (call === "write") world.provider.subscribers.set("A@x.fr", optOut);
  };
  const { applied } = await world.apply();
  expect([applied.accepted, applied.stale, applied.left]).toEqual([0, 1, 0]);
  expect(world.provider.subscribers.get("a@x.fr")?.subscribed).toBe(false);
});

test("among subscribed rows of one address, the most recent one counts, even if one has no time", async () => {
  const rows = [
    { email: "a@x.fr", fields: { data_firstname: "Old" }, consentedAt: june - 2 * day },
    { email: "a@x.fr", fields: { data_firstname: "New" }, consentedAt: june - day },
    { email: "a@x.fr", fields: { data_firstname: "Untimed" } },
  ];
  for (let turn = 0; turn < rows.length; turn++) {
    rows.push(rows.shift()!);
    for (const order of [rows, rows.toReversed()]) {
      const world = new SyncWorld([], order);
      await world.apply();
      expect(world.provider.subscribers.get("a@x.fr")?.fields["data_firstname"]).toBe("New");
    }
  }
});

describe("mode apply", () => {
  test("brings the provider in line with the database, and a second run finds nothing to do", async () => {
    const world = new SyncWorld(
      [
        ["same@x.fr", held()],
        ["Other@x.fr", held({ fields: { data_firstname: "Old" } })],
        ["gone@x.fr", held()],
        [
          "out@x.fr",
          held({
            subscribed: false,
            cause: "READER",
            unsubscribedAt: june - day,
          }),
        ],
        [
          "back@x.fr",
          held({
            subscribed: false,
            cause: "PUBLISHER",
            unsubscribedAt: june - day,
          }),
        ],
      ],
      [
        { email: "same@x.fr" },
        { email: "other@x.fr", fields: { data_firstname: "New" } },
        { email: "out@x.fr" },
        { email: "back@x.fr" },
        { email: "new@x.fr", fields: { guid: "9" } },
      ],
      always,
    );
    const report = await world.apply();
    expect(report).toMatchObject({
      list: "daily",
      mode: "apply",
      check: { safe: true, refusals: [], refused: false },
      current: { subscribed: 3, unsubscribed: 2 },
      desired: { subscribed: 5, unsubscribed: 0, rejected: 0, duplicates: 0 },
      planned: {
        subscribe: 1,
        resubscribe: 1,
        update: 1,
        unsubscribe: 1,
        unchanged: 1,
      },
      kept: { optedOut: 1, bounced: 0, recent: 0, onlyAtProvider: 0 },
      applied: {
        batches: 4,
        accepted: 4,
        subscribe: 1,
        resubscribe: 1,
        update: 1,
        unsubscribe: 1,
        left: 0,
      },
      discrepancies: [],
      notes: [],
    });
    expect(world.provider.subscribers.get("gone@x.fr")).toMatchObject({
      subscribed: false,
      cause: "PUBLISHER",
    });
    expect(world.provider.subscribers.get("Other@x.fr")?.fields).toEqual({
      data_firstname: "New",
    });
    expect(world.provider.subscribers.has("other@x.fr")).toBe(false);
    const writesBefore = world.provider.written.length;
    const second = await world.apply();
    expect(second.planned).toMatchObject({
      subscribe: 0,
      resubscribe: 0,
      update: 0,
      unsubscribe: 0,
    });
    expect(world.provider.written.length).toBe(writesBefore);
  });

  test("sends `subscribed: true` for a resubscription and for nothing else", async () => {
    const world = new SyncWorld(
      [
        ["back@x.fr", held({ subscribed: false, cause: "PUBLISHER" })],
        ["new-name@x.fr", held()],
      ],
      [
        { email: "back@x.fr" },
        { email: "new-name@x.fr", fields: { data_firstname: "Z" } },
        { email: "new@x.fr" },
      ],
      always,
    );
    await world.apply();
    const subscribing = world.provider.written.flat().filter(({ subscribed }) => subscribed === true);
    expect(subscribing.map(({ email }) => email)).toEqual(["back@x.fr"]);
  });

  test("does not send a new address that opted out between reading and writing", async () => {
    const world = new SyncWorld([], [{ email: "a@x.fr" }]);
    world.provider.before = (call) => {
      if (call === "write")
        world.provider.subscribers.set("a@x.fr", held({ subscribed: false, cause: "READER" }));
    };
    const report = await world.apply();
    expect(world.provider.subscribers.get("a@x.fr")?.subscribed).toBe(false);
    expect([report.applied.stale, report.applied.subscribe, report.discrepancies]).toEqual([1, 0, []]);
  });

  test("reports what the provider counts otherwise than predicted", async () => {
    const world = new SyncWorld(heldEmails(0, 2), emails(0, 1));
    world.provider.before = (call) => {
      if (call === "write") world.provider.subscribers.delete("reader1@x.fr");
    };
    expect((await world.apply()).discrepancies).toContainEqual(
      expect.objectContaining({ counter: "removed", predicted: 1, answered: 0, batches: 1, afterRetry: 0 }),
    );
  });

  test("keeps a reader who subscribed after the database was read", async () => {
    const world = new SyncWorld([["late@x.fr", held({ subscribedAt: june + 1 })]], [{ email: "a@x.fr" }]);
    expect((await world.apply()).kept.recent).toBe(1);
    expect(world.provider.subscribers.get("late@x.fr")?.subscribed).toBe(true);
  });

  test("unsubscribes opt-outs and missing readers at the same time, opt-outs first, and all before anybody else", async () => {
    const rows = [{ email: "left@x.fr", subscribed: false, cause: "READER" } as const, { email: "new@x.fr" }];
    const list = ["left@x.fr", "missing@x.fr"].map((email) => [email, held()] as const);
    const world = new SyncWorld(list, rows);
    const calls: string[] = [];
    const isMissingRead = Promise.withResolvers<void>();
    const { get } = InMemoryStore.prototype;
    world.store.get = async (key) => {
      const [, group] = key.match(/\/changes-(\w+)-/) ?? [];
      if (group !== undefined) calls.push(`read ${group}`);
      if (group === "optOut") await isMissingRead.promise;
      if (group === "missing") isMissingRead.resolve();
      return await get.call(world.store, key);
    };
    const areBothSent = Promise.withResolvers<void>();
    const { writeBatch } = InMemoryProvider.prototype;
    world.provider.writeBatch = async (changes, options) => {
      calls.push(...changes.map(({ email }) => email));
      if (calls.includes("missing@x.fr")) areBothSent.resolve();
      await areBothSent.promise;
      return await writeBatch.call(world.provider, changes, options);
    };
    await world.apply();
    const leaving = ["read optOut", "read missing", "left@x.fr", "missing@x.fr"];
    expect(calls).toEqual([...leaving, "read subscribe", "new@x.fr"]);
  });

  test("reads what it remembers while both sides are read", async () => {
    const world = new SyncWorld(heldEmails(0, 5), [{ email: "new@x.fr" }]);
    await world.apply();
    const calls: string[] = [];
    const { get } = InMemoryStore.prototype;
    world.store.get = async (key) => {
      calls.push(key);
      return await get.call(world.store, key);
    };
    world.provider.before = (call) => void calls.push(call);
    await world.apply();
    const firstPage = calls.indexOf("page");
    for (const file of ["budget.json", "refusals.bin"] as const) {
      const at = calls.indexOf(memoryKey("daily", file));
      expect([at >= 0, at < firstPage]).toEqual([true, true]);
    }
    expect(calls).not.toContain(memoryKey("daily", "acts.bin"));
  });

  test("sends 20,001 changes in batches of the configured size", async () => {
    const world = new SyncWorld([], emails(0, 20_001), { batchSize: 10_000 });
    const report = await world.apply();
    expect(world.provider.written.map((rows) => rows.length).sort()).toEqual([1, 10_000, 10_000]);
    expect(report.applied).toMatchObject({ batches: 3, subscribe: 20_001 });
  });

  test("sends data_* only with new subscribers to a provider that does not show them, and notes it", async () => {
    const provider = new InMemoryProvider([["old@x.fr", held({ fields: { data_firstname: "A" } })]]);
    provider.showsData = false;
    const world = new SyncWorld(provider, [
      { email: "old@x.fr", fields: { data_firstname: "B" } },
      { email: "new@x.fr", fields: { data_firstname: "C" } },
    ]);
    const report = await world.apply();
    expect(report.planned).toMatchObject({ update: 0, subscribe: 1 });
    expect(provider.subscribers.get("new@x.fr")?.fields["data_firstname"]).toBe("C");
    expect(report.notes.join()).toContain("data_firstname");
  });

  test("quarantines rows that the provider refuses, in its own words, and applies the rest", async () => {
    const world = new SyncWorld([], [{ email: "a@x.fr" }, { email: "bad@x.fr" }, { email: "c@x.fr" }]);
    const write = world.provider.writeBatch.bind(world.provider);
    world.provider.writeBatch = async (changes, signal) => {
      const position = changes.findIndex(({ email }) => email === "bad@x.fr");
      if (position < 0) return write(changes, signal);
      const lines = [{ position, reason: "email is missing or invalid" }];
      throw new BatchRefusedError("POST /subscribers", 400, {
        lines,
        reason: "1 error(s)",
      });
    };
    const report = await world.apply();
    expect(report.applied).toMatchObject({
      accepted: 2,
      quarantined: 1,
      left: 0,
    });
    expect([...world.provider.subscribers.keys()]).toEqual(["a@x.fr", "c@x.fr"]);
    expect(await world.stored("quarantine")).toMatchObject([
      {
        email: "bad@x.fr",
        reason: "email is missing or invalid",
        change: { kind: "subscribe" },
      },
    ]);
  });

  test("quarantines addresses that no provider accepts before anything is sent", async () => {
    const world = new SyncWorld([], [{ email: "user1@" }, { email: "a@x.fr" }]);
    expect((await world.apply()).desired).toMatchObject({
      subscribed: 1,
      rejected: 1,
    });
    expect(await world.stored("quarantine")).toMatchObject([{ email: "user1@" }]);
  });
});

test("a source without a single usable address stops the run before anything is sent", async () => {
  const world = new SyncWorld(heldEmails(0, 90), [{ email: "reader0" }, { email: "user1@" }]);
  await expect(world.apply()).rejects.toThrow(
    "source, its rows: each of the 2 was set aside; the quarantine tells why",
  );
  expect(world.provider.written).toEqual([]);
});

test("notes how many rows share a guid", async () => {
  const rows = ["a@x.fr", "b@x.fr"].map((email) => ({ email, fields: { guid: "7" } }));
  expect((await new SyncWorld([], rows).apply()).notes).toEqual([
    "rows sent without their guid, because another row has the same one: 1",
  ]);
});

describe("mode plan", () => {
  test("stores the plan, says whether it is safe, and writes nothing", async () => {
    const world = new SyncWorld(heldEmails(0, 10), emails(5, 11), tight);
    const report = await world.run({ mode: "plan" });
    expect(report.check.safe).toBe(false);
    expect(report.applied).toMatchObject({ batches: 0, waiting: 5, left: 1 });
    expect(world.provider.written).toEqual([]);
    expect(await world.plannedKinds()).toHaveLength(6);
  });

  test("says at the end whether the plan would pass, and the event that applies it", async () => {
    const refused = await new SyncWorld(heldEmails(0, 100), emails(0, 59), tight).run({ mode: "plan" });
    const approval = `{"list":"daily","apply":"${refused.planId}","approve":["unsubscribe"]}`;
    expect(refused.notes.at(-1)).toContain(`some of the plan would have to wait`);
    expect(refused.notes.at(-1)).toContain(approval);
    expect(JSON.stringify(refused.check.event)).toBe(approval);
    const safe = await new SyncWorld([], emails(0, 3)).run({ mode: "plan" });
    expect(safe.notes.at(-1)).toContain(`{"list":"daily","apply":"${safe.planId}"} applies it as it is`);
  });
});

describe("an unsafe plan", () => {
  const shrunk = (rows: object[] = []) =>
    new SyncWorld(heldEmails(0, 100), [...emails(0, 59), ...(rows as [])], tight);
  const unsubscribe = ["unsubscribe"] as const;

  test("is not sent where it exceeds a limit: the error has every number and the event that approves it", async () => {
    const world = shrunk();
    const run = testRun<SyncReport>();
    const failure = await world.apply(run).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(UnsafePlanError);
    expect((failure as Error).message).toContain("unsubscribe 41 of 100");
    const { planId } = run.report;
    expect((failure as Error).message).toContain(
      `{"list":"daily","apply":"${planId}","approve":["unsubscribe"]}`,
    );
    expect(run.report.check).toMatchObject({ safe: false, refused: true });
    expect(run.report.applied).toMatchObject({ accepted: 0, waiting: 41, left: 0 });
    expect(world.provider.written).toEqual([]);
    expect(world.provider.subscribers.get("reader99@x.fr")?.subscribed).toBe(true);
  });

  test("is sent where it exceeds no limit, opt-outs first", async () => {
    const world = shrunk([
      { email: "reader60@x.fr", subscribed: false, cause: "READER" },
      { email: "new@x.fr" },
    ]);
    const run = testRun<SyncReport>();
    await expect(world.apply(run)).rejects.toThrow(UnsafePlanError);
    expect(run.report.applied).toMatchObject({
      accepted: 2,
      unsubscribe: 1,
      subscribe: 1,
      waiting: 40,
      left: 0,
    });
    expect(world.provider.written.map(([row]) => row?.email)).toEqual(["reader60@x.fr", "new@x.fr"]);
  });

  test("is told even if sending the rest fails, and the run ends with that error", async () => {
    const world = shrunk([{ email: "new@x.fr" }, ...emails(100, 120)]);
    world.provider.before = (call) => {
      if (call === "write") throw new ProviderRefusalError("POST /subscribers", 403, "ask the provider");
    };
    world.rows.push({ email: "reader60@x.fr", subscribed: false, cause: "READER" });
    const run = testRun<SyncReport>();
    await expect(world.apply(run)).rejects.toThrow(ProviderRefusalError);
    const { planId, notes } = run.report;
    const approvalOf = (limits: string) => `{"list":"daily","apply":"${planId}","approve":[${limits}]}`;
    expect(notes).toEqual([
      expect.stringMatching(/^some of the plan waits for a person: it would unsubscribe 41 of 100/),
    ]);
    expect(notes![0]).toContain("; it would subscribe 21 of 100");
    expect(notes![0]).toContain(`${approvalOf('"unsubscribe","subscribe"')} approves it`);

    const approval = testRun<SyncReport>();
    const event = { apply: planId!, approve: unsubscribe };
    await expect(world.run(event, approval)).rejects.toThrow(ProviderRefusalError);
    expect(approval.report.notes).toEqual([
      expect.stringMatching(/^some of the plan waits for a person: it would subscribe 21 of 100/),
    ]);
  });

  test("is applied once a person has approved it, and nothing beyond it", async () => {
    const world = shrunk();
    const { planId } = await world.run({ mode: "plan" });
    world.rows = [...world.rows.slice(1), { email: "new@x.fr" }];
    const report = await world.run({ apply: planId, approve: unsubscribe });
    expect(report.approval).toEqual({ apply: planId, approve: ["unsubscribe"] });
    expect(report.applied).toMatchObject({ accepted: 41, unsubscribe: 41, stale: 0, left: 0 });
    expect(world.provider.subscribers.get("reader99@x.fr")).toMatchObject({
      subscribed: false,
      cause: "PUBLISHER",
    });
    expect(world.provider.subscribers.has("new@x.fr")).toBe(false);
    expect(world.provider.subscribers.get("reader0@x.fr")?.subscribed).toBe(true);
  });

  test("is applied only where it is approved by name", async () => {
    const world = shrunk([...emails(100, 120)]);
    const { planId } = await world.run({ mode: "plan" });
    const report = await world.run({ apply: planId, approve: unsubscribe });
    expect(report.applied).toMatchObject({ accepted: 41, unsubscribe: 41, waiting: 20 });
    expect(report.notes.at(-1)).toBe(
      "20 changes of the plan exceed a limit and still wait: " +
        `{"list":"daily","apply":"${planId}","approve":["unsubscribe","subscribe"]} approves them`,
    );
    const nothingMeant = await world.run({ apply: planId, approve: ["update"] });
    expect(nothingMeant.notes[0]).toBe("nothing was sent: the plan has no change that this event approves");
    const nothingNamed = await shrunk([...emails(100, 120)]).run({ mode: "plan" });
    expect(nothingNamed.applied).toMatchObject({ waiting: 61 });
  });

  test("an approval sends nothing that it does not name", async () => {
    const world = shrunk([{ email: "new@x.fr" }]);
    const { planId } = await world.run({ mode: "plan" });
    const { applied, notes } = await world.run({ apply: planId, approve: unsubscribe });
    expect(applied).toMatchObject({ accepted: 41, subscribe: 0, waiting: 1 });
    expect(notes).toEqual([]);
    expect(world.provider.subscribers.has("new@x.fr")).toBe(false);
  });

  test("waits until every limit that holds it back is approved", async () => {
    const limits = { ...tight.limits, reject: { ratio: 0, floor: 0 } };
    const damaged = emails(0, 11).map(({ email }) => ({ email: `${email}@` }));
    const world = new SyncWorld(heldEmails(0, 100), [...emails(0, 59), ...damaged], { limits });
    const { planId } = await world.run({ mode: "plan" });
    const { applied, notes } = await world.run({ apply: planId, approve: ["reject"] });
    expect(applied).toMatchObject({ accepted: 0, waiting: 41 });
    expect(notes.at(-1)).toContain('"approve":["unsubscribe","reject"]} approves them');
    const both = await world.run({ apply: planId, approve: ["unsubscribe", "reject"] });
    expect(both.applied).toMatchObject({ accepted: 41, waiting: 0 });
  });

  test("what its own run has sent already does not count again when the rest is approved", async () => {
    const limits = { unsubscribe: { ratio: 0.1, floor: 50 }, reject: { ratio: 0, floor: 0 } };
    const left = emails(0, 30).map((row) => ({ ...row, subscribed: false, cause: "READER" as const }));
    const rows = [...left, ...emails(30, 90), ...emails(0, 11).map(({ email }) => ({ email: `${email}@` }))];
    const world = new SyncWorld(heldEmails(0, 100), rows, { limits });
    const failure = await world.apply().catch((error: Error) => error);
    const [event = "{}"] = /\{"list".*\}/.exec((failure as Error).message) ?? [];
    expect(JSON.parse(event)).toMatchObject({ approve: ["reject"] });
    const { applied, notes } = await world.run(JSON.parse(event));
    expect(applied).toMatchObject({ accepted: 10, unsubscribe: 10, stale: 0 });
    expect(notes).toEqual([]);
  });

  test("changes nothing when it is applied a second time, and says so", async () => {
    const world = shrunk();
    const { planId } = await world.run({ mode: "plan" });
    await world.run({ apply: planId, approve: unsubscribe });
    const state = structuredClone(world.provider.subscribers);
    const report = await world.run({ apply: planId, approve: unsubscribe });
    expect(report.applied).toMatchObject({ accepted: 0, stale: 41 });
    expect(report.notes).toContain(
      "nothing was sent: neither side asks any more for any of the 41 changes that were approved",
    );
    expect(world.provider.subscribers).toEqual(state);
  });
});

describe("rows that the source's reader sets aside", () => {
  const damaged = { email: "ana@@x.fr", reason: "no address", place: "row 2", guid: "7" };
  const world = (unsubscribed: boolean) => {
    const world = new SyncWorld([["ana@x.fr", held({ fields: { guid: "7" } })]], [{ email: "a@x.fr" }]);
    world.rejected = [{ ...damaged, unsubscribed }];
    return world;
  };

  test("unsubscribe nobody who has their guid, unless they say so", async () => {
    expect((await world(false).apply()).kept.shielded).toBe(1);
    expect((await world(true).apply()).applied.unsubscribe).toBe(1);
  });

  test("are counted and in the quarantine", async () => {
    const one = world(false);
    expect((await one.apply()).desired.rejected).toBe(1);
    expect(await one.stored("quarantine")).toMatchObject([{ email: "ana@@x.fr", place: "row 2" }]);
  });
});

test("rows whose consent is not believed are counted, and some of their places noted", async () => {
  const world = new SyncWorld([], [{ email: "a@x.fr" }]);
  world.unreadableConsents = Array.from({ length: 7 }, (_, row) => `row ${row}`);
  const { desired, notes } = await world.apply();
  expect(desired.unreadableConsents).toBe(7);
  expect(notes[0]).toMatch(/: 7 \(row 0, row 1, row 2, row 3, row 4 …\)$/);
});

describe("the limits of a day", () => {
  const hourly = (hour: number) => testRun<SyncReport>({ at: june + hour * (day / 24) });
  const loseSome = (world: SyncWorld, count: number) => {
    world.rows = world.rows.slice(count);
  };

  test("stop a source that loses a little every hour", async () => {
    const world = new SyncWorld(heldEmails(0, 200), emails(0, 200), {
      limits: { unsubscribe: { ratio: 0.1, floor: 0 } },
    });
    loseSome(world, 15);
    expect((await world.apply(hourly(1))).applied.unsubscribe).toBe(15);
    loseSome(world, 15);
    await expect(world.apply(hourly(2))).rejects.toThrow(
      /unsubscribe 15 of 185 subscribers .*beside 15 within/,
    );
    expect((await world.apply(hourly(26))).applied.unsubscribe).toBe(15);
  });

  test("do not count what a person approved", async () => {
    const world = new SyncWorld(heldEmails(0, 200), emails(100, 200), tight);
    const { planId } = await world.run({ mode: "plan" }, hourly(1));
    await world.run({ apply: planId, approve: ["unsubscribe"] }, hourly(2));
    loseSome(world, 5);
    expect((await world.apply(hourly(3))).applied.unsubscribe).toBe(5);
  });

  test("count what exceeds no limit, although a person applied it", async () => {
    const world = new SyncWorld(heldEmails(0, 200), emails(8, 200), tight);
    const { planId } = await world.run({ mode: "plan" }, hourly(1));
    expect((await world.run({ apply: planId }, hourly(2))).applied.unsubscribe).toBe(8);
    loseSome(world, 13);
    await expect(world.apply(hourly(3))).rejects.toThrow(/unsubscribe 13 of 192 .*beside 8 within/);
  });

  test("count all that is about to be sent before any of it is sent, and in the end what was sent", async () => {
    const world = new SyncWorld([], emails(0, 3));
    world.provider.accepts = (email) => email !== "reader1@x.fr";
    const budgeted = () => {
      const { bytes } = world.store.objects.get(memoryKey("daily", "budget.json"))!;
      return JSON.parse(Buffer.from(bytes).toString()).runs[0].counts.subscribe;
    };
    let whileSending: unknown;
    world.provider.before = (call) => {
      if (call === "write") whileSending ??= budgeted();
    };
    await world.apply();
    expect([whileSending, budgeted()]).toEqual([3, 2]);
  });

  test("do not count the filling of an empty list", async () => {
    const world = new SyncWorld([], emails(0, 100), tight);
    await world.apply(hourly(1));
    world.rows = [...world.rows, ...emails(100, 105)];
    expect((await world.apply(hourly(2))).applied.subscribe).toBe(5);
  });

  test("do not count the filling of an empty list by a plan that was looked at first", async () => {
    const world = new SyncWorld([], emails(0, 100), tight);
    const { planId } = await world.run({ mode: "plan" }, hourly(1));
    await world.run({ apply: planId }, hourly(2));
    world.rows = [...world.rows, ...emails(100, 105)];
    expect((await world.apply(hourly(3))).applied.subscribe).toBe(5);
  });
});

describe("what is remembered", () => {
  test("a row that was refused is not sent again, unless it changes", async () => {
    const world = new SyncWorld([["a@x.fr", held()]], [{ email: "a@x.fr" }, { email: "bad@x.fr" }]);
    world.provider.accepts = (email) => email !== "bad@x.fr";
    expect((await world.apply()).applied).toMatchObject({ accepted: 0, quarantined: 1 });
    const second = await world.apply();
    expect([second.kept.refused, second.applied.quarantined]).toEqual([1, 0]);
    world.rows = [{ email: "a@x.fr" }, { email: "bad@x.fr", fields: { guid: "9" } }];
    expect((await world.apply()).applied).toMatchObject({ accepted: 0, quarantined: 1 });
  });

  test("a refusal is forgotten once a row of the address was accepted", async () => {
    const named = (data_firstname: string) => [{ email: "a@x.fr", fields: { data_firstname } }];
    const world = new SyncWorld([["a@x.fr", held()]], named("Ann"));
    world.provider.accepts = () => false;
    await world.apply();
    world.provider.accepts = () => true;
    world.rows = named("Anna");
    await world.apply();
    world.rows = named("Ann");
    expect((await world.apply()).applied).toMatchObject({ accepted: 1, update: 1 });
  });

  test("whom a run took off comes back with the database, whom an editor took off does not", async () => {
    const world = new SyncWorld(heldEmails(0, 3), emails(0, 1));
    world.givesConsents = false;
    await world.apply();
    world.provider.subscribers.set(
      "reader0@x.fr",
      held({ subscribed: false, cause: "PUBLISHER", unsubscribedAt: june }),
    );
    world.rows = emails(0, 3);
    const report = await world.apply();
    expect(report.applied).toMatchObject({ resubscribe: 2, subscribe: 0 });
    expect(report.kept.publisher).toBe(1);
    expect(world.provider.subscribers.get("reader0@x.fr")?.subscribed).toBe(false);
  });

  test("nothing of it is dangerous to lose", async () => {
    const world = new SyncWorld(heldEmails(0, 3), emails(0, 1));
    world.givesConsents = false;
    await world.apply();
    for (const key of world.store.objects.keys())
      if (key.startsWith("memory/")) world.store.objects.delete(key);
    world.rows = emails(0, 3);
    expect((await world.apply()).kept.publisher).toBe(2);
  });
});

test("damaged memory is noted, also of a run that applies a stored plan", async () => {
  const world = new SyncWorld([], [{ email: "a@x.fr" }]);
  const { planId } = await world.run({ mode: "plan" });
  await world.store.put(memoryKey("daily", "budget.json"), Buffer.from("{"));
  const { notes } = await world.run({ apply: planId });
  expect(notes.join()).toContain("memory/daily/budget.json is damaged");
});

describe("a stored plan", () => {
  test("is applied only to rows that the provider still holds as the plan saw them", async () => {
    const world = new SyncWorld(
      [
        ["leaves@x.fr", held()],
        ["left@x.fr", held()],
        ["renamed@x.fr", held({ fields: { data_firstname: "A" } })],
        [
          "back@x.fr",
          held({
            subscribed: false,
            cause: "PUBLISHER",
            unsubscribedAt: june - day,
          }),
        ],
      ],
      [
        { email: "new@x.fr" },
        { email: "renamed@x.fr", fields: { data_firstname: "B" } },
        { email: "back@x.fr" },
      ],
      always,
    );
    const { planId } = await world.run({ mode: "plan" });
    const { subscribers } = world.provider;
    subscribers.set("new@x.fr", held({ subscribed: false, cause: "READER" }));
    subscribers.set("left@x.fr", held({ subscribed: false, cause: "READER", unsubscribedAt: june }));
    subscribers.set("renamed@x.fr", held({ fields: { data_firstname: "C" } }));
    subscribers.set("back@x.fr", held({ subscribed: false, cause: "READER", unsubscribedAt: june }));
    const report = await world.run({ apply: planId });
    expect(report.applied).toMatchObject({ accepted: 1, stale: 4 });
    expect(world.provider.written.flat()).toMatchObject([{ email: "leaves@x.fr", subscribed: false }]);
  });

  test("is not applied to rows that the database has changed since", async () => {
    const world = new SyncWorld(
      [
        ["kept@x.fr", held()],
        ["back@x.fr", held({ subscribed: false, cause: "PUBLISHER", unsubscribedAt: june - day })],
      ],
      [{ email: "new@x.fr" }, { email: "back@x.fr" }, { email: "other@x.fr" }],
      always,
    );
    const { planId } = await world.run({ mode: "plan" });
    world.rows = [
      { email: "new@x.fr", subscribed: false },
      { email: "back@x.fr", subscribed: false },
      { email: "kept@x.fr" },
      { email: "other@x.fr" },
    ];
    const report = await world.run({ apply: planId });
    expect(report.applied).toMatchObject({ accepted: 1, stale: 3, left: 0 });
    expect(world.provider.written.flat().map(({ email }) => email)).toEqual(["other@x.fr"]);
  });

  test("keeps a reader who left and came back through the provider's form after the plan was made", async () => {
    const world = new SyncWorld([["a@x.fr", held({ subscribedAt: june - 2 * day })]], [{ email: "b@x.fr" }]);
    const { planId } = await world.run({ mode: "plan" });
    world.provider.subscribers.set("a@x.fr", held({ subscribedAt: june + 1 }));
    world.readAt = june + day;
    expect((await world.run({ apply: planId })).applied).toMatchObject({ accepted: 1, stale: 1 });
    expect(world.provider.subscribers.get("a@x.fr")?.subscribed).toBe(true);
  });

  test.each([
    ["is no JSON", "{"],
    ["is empty", ""],
    ["is of another form", '{"planId":"PLAN"}'],
  ])("cannot be applied if its summary %s", async (_, summary) => {
    const world = new SyncWorld([], [{ email: "a@x.fr" }]);
    const { planId } = await world.run({ mode: "plan" });
    await world.store.put(planSummaryKey("daily", planId), Buffer.from(summary));
    await expect(world.run({ apply: planId })).rejects.toThrow(UnusablePlanError);
    await expect(world.run({ apply: planId })).rejects.toThrow(/its summary is damaged/);
  });

  test("cannot be applied if it is unknown, expired, altered or incomplete", async () => {
    const world = new SyncWorld([["a@x.fr", held()]], [{ email: "a@x.fr" }, { email: "b@x.fr" }]);
    const { planId } = await world.run({ mode: "plan" });
    await expect(world.run({ apply: "never-made" })).rejects.toThrow(/no stored plan with that id/);
    const late = testRun<SyncReport>({ at: june + 2 * day });
    await expect(world.run({ apply: planId }, late)).rejects.toThrow(/expired at 2026-06-02/);
    const other = new SyncWorld([["a@x.fr", held()]], [{ email: "a@x.fr" }, { email: "c@x.fr" }]);
    const subscribe0 = { group: "subscribe", number: 0 };
    const { planId: otherId } = await other.run({ mode: "plan" });
    const altered = other.store.objects.get(planChunkKey("daily", otherId, subscribe0))!;
    await world.store.put(planChunkKey("daily", planId, subscribe0), altered.bytes);
    await expect(world.run({ apply: planId })).rejects.toThrow(/missing or was altered/);
    world.store.objects.delete(planChunkKey("daily", planId, subscribe0));
    await expect(world.run({ apply: planId })).rejects.toThrow(UnusablePlanError);
    expect(world.provider.written).toEqual([]);
  });
});

describe("two runs of one list", () => {
  test("never overlap: the second is refused and touches nothing", async () => {
    const world = new SyncWorld([], [{ email: "a@x.fr" }]);
    let second: Promise<unknown> | undefined;
    world.provider.before = () => {
      second ??= world.apply().catch((error: Error) => error);
    };
    await world.apply();
    expect(await second).toBeInstanceOf(ListBusyError);
    expect(world.provider.written).toHaveLength(1);
  });

  test("a lock that cannot be read blocks nobody: the run takes it over, and says so", async () => {
    const world = new SyncWorld(heldEmails(0, 1), emails(0, 1));
    await world.apply();
    await world.store.put(lockKey("daily"), new Uint8Array());
    world.rows = emails(0, 2);
    const { applied, notes } = await world.apply();
    expect(applied.subscribe).toBe(1);
    expect(notes).toEqual(["locks/daily.json was no lock, and was replaced by one"]);
  });

  test("a failed run releases the list", async () => {
    const world = new SyncWorld([], [{ email: "a@x.fr" }]);
    world.provider.before = () => {
      throw new ProviderUnavailableError("GET /count", 3, "status 503");
    };
    await expect(world.apply()).rejects.toThrow(ProviderUnavailableError);
    world.provider.before = () => undefined;
    await expect(world.apply()).resolves.toMatchObject({
      applied: { subscribe: 1 },
    });
  });
});

describe("a run that cannot go on", () => {
  test("stops when the source fails midway, having written nothing", async () => {
    const world = new SyncWorld(heldEmails(0, 5), emails(0, 5));
    const whole = world.openSource;
    world.openSource = async () => ({
      ...(await whole()),
      async *blocks() {
        yield* (await whole()).blocks();
        throw new SourceError("row 7", "the connection was lost");
      },
    });
    await expect(world.apply()).rejects.toThrow("row 7");
    expect(world.provider.written).toEqual([]);
  });

  test("stops when its time runs out, says what is done and left, and the next run completes it", async () => {
    const world = new SyncWorld(heldEmails(0, 20), emails(0, 2));
    world.list.limits.unsubscribe.ratio = 1;
    const controller = new AbortController();
    let writes = 0;
    world.provider.before = (call) => {
      if (call === "write" && ++writes === 3) controller.abort(new OutOfTimeError("it was cut short"));
    };
    const run = testRun<SyncReport>({ signal: controller.signal });
    const failure = await world.apply(run).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(OutOfTimeError);
    expect((failure as Error).message).toContain("6 of 18 changes are done, 12 are left");
    expect(run.report.applied).toMatchObject({
      accepted: 6,
      unsubscribe: 6,
      left: 12,
    });
    world.provider.before = () => undefined;
    expect((await world.apply()).planned.unsubscribe).toBe(12);
    expect((await world.apply()).planned.unsubscribe).toBe(0);
  });

  test("starts no batch after a failed one, and reports what was done", async () => {
    const world = new SyncWorld([], emails(0, 90));
    let writes = 0;
    world.provider.before = (call) => {
      if (call === "write" && ++writes === 3) {
        throw new ProviderUnavailableError("POST /subscribers", 5, "status 503");
      }
    };
    const run = testRun<SyncReport>();
    await expect(world.apply(run)).rejects.toThrow(ProviderUnavailableError);
    expect(writes).toBeLessThan(10);
    const done = world.provider.subscribers.size;
    expect(run.report.applied).toMatchObject({ accepted: done, subscribe: done, left: 90 - done });
  });

  test("refuses an event with an unknown list, and names the known ones", async () => {
    const world = new SyncWorld([], []);
    await expect(world.run({ list: "weekly", mode: "plan" })).rejects.toThrow(InvalidEventError);
    await expect(world.run({ list: "constructor", mode: "plan" })).rejects.toThrow(/there is no list.*daily/);
  });
});

test("no report and no error holds an address", async () => {
  const world = new SyncWorld(heldEmails(0, 100), [{ email: "user1@" }, { email: "new@x.fr" }], tight);
  const run = testRun<SyncReport>();
  const failure = (await world.apply(run).catch((error: Error) => error)) as Error;
  expect(JSON.stringify(run.report) + failure.message + failure.stack).not.toMatch(
    /user1@|new@x\.fr|reader\d+@/,
  );
});
