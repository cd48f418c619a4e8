import { describe, expect, test } from "vitest";
import { OutOfTimeError, SinkError } from "../../functions/domain/errors.ts";
import { UnsafePlanError } from "../../functions/domain/plan-errors.ts";
import { BatchRefusedError } from "../../functions/domain/provider-errors.ts";
import { systemClock } from "../../functions/platform/clock.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { DesiredRow } from "../support/desired-rows.ts";
import type { HeldSubscriber } from "../support/in-memory-provider.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const june = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
const day = 24 * hour;
const held = (more: Partial<HeldSubscriber> = {}): HeldSubscriber => ({
  subscribed: true,
  fields: {},
  ...more,
});
const left = (more: Partial<HeldSubscriber> = {}) =>
  held({ subscribed: false, cause: "READER", unsubscribedAt: june - day, ...more });
const returns = { returns: { kind: "csv" } };
const anchor = { email: "anchor@x.fr" };

function worldOf(
  subscribers: (readonly [string, HeldSubscriber])[],
  rows: DesiredRow[],
  list: object = {},
): SyncWorld {
  return new SyncWorld([["anchor@x.fr", held()], ...subscribers], [anchor, ...rows], { ...returns, ...list });
}

async function failing(world: SyncWorld, run = testRun<SyncReport>()) {
  const error = await world.apply(run).then(
    () => undefined,
    (failure: Error) => failure,
  );
  return { error, report: run.report as SyncReport };
}

const none = { unsubscribed: 0, bounced: 0, subscribed: 0, updated: 0 };

describe("what the database is told", () => {
  test("who opted out, who bounced, whom an editor took off, who came: and then both sides agree", async () => {
    const world = worldOf(
      [
        ["Out@x.fr", left()],
        ["bounced@x.fr", left({ cause: "HARD_BOUNCE" })],
        ["taken-off@x.fr", left({ cause: "PUBLISHER" })],
        ["came@x.fr", held({ subscribedAt: june + 1000, fields: { guid: "9", data_firstname: "Cleo" } })],
        ["form@x.fr", held({ subscribedAt: june - hour })],
      ],
      [{ email: "out@x.fr" }, { email: "bounced@x.fr" }, { email: "taken-off@x.fr" }],
    );
    const report = await world.apply();
    expect(report.planned.returns).toEqual({ ...none, unsubscribed: 2, bounced: 1, subscribed: 2 });
    expect(report.returned).toMatchObject({ taken: 5, statements: [5], left: 0, waiting: 0 });
    expect(world.sink.given.toSorted((a, b) => (a.address < b.address ? -1 : 1))).toMatchObject([
      { tells: "bounced", address: "bounced@x.fr", cause: "HARD_BOUNCE" },
      {
        tells: "subscribed",
        address: "came@x.fr",
        guid: "9",
        fields: { data_firstname: "Cleo" },
        changedAt: new Date(june + 1000).toISOString(),
      },
      { tells: "subscribed", address: "form@x.fr" },
      { tells: "unsubscribed", address: "out@x.fr", email: "out@x.fr", cause: "READER" },
      { tells: "unsubscribed", address: "taken-off@x.fr", cause: "PUBLISHER" },
    ]);
    const again = await world.apply(testRun({ at: june + 2 * hour }));
    expect(again.planned).toMatchObject({
      subscribe: 0,
      resubscribe: 0,
      update: 0,
      unsubscribe: 0,
      returns: none,
    });
  });

  test("nothing about a reader whom a run of ours unsubscribed: the database had said so", async () => {
    const world = worldOf([["a@x.fr", held()]], [{ email: "a@x.fr", subscribed: false }]);
    await world.apply();
    world.rows = [anchor, { email: "a@x.fr", consentedAt: june - 300 * day }];
    const later = await world.apply(testRun({ at: june + hour }));
    expect([later.kept.publisher, later.planned.returns]).toEqual([1, none]);
  });

  test("nothing that a run of ours may have done before it was lost what runs did", async () => {
    const subscribed = held({ subscribedAt: june - hour });
    const world = worldOf(
      [
        ["publisher@x.fr", left({ cause: "PUBLISHER" })],
        ["reader@x.fr", left()],
        ["form@x.fr", subscribed],
      ],
      [{ email: "publisher@x.fr" }, { email: "reader@x.fr" }],
    );
    await world.store.put("memory/daily/acts.bin", Buffer.from("damaged"));
    const report = await world.apply();
    expect(report.kept).toMatchObject({ publisher: 1, grace: 1, optedOut: 1 });
    expect(world.sink.given.map(({ address }) => address)).toEqual(["reader@x.fr"]);
    world.provider.subscribers.set("later@x.fr", held({ subscribedAt: june + 2 * hour }));
    world.rows.push({ email: "taken-off@x.fr" });
    world.provider.subscribers.set(
      "taken-off@x.fr",
      left({ cause: "PUBLISHER", unsubscribedAt: june + 2 * hour }),
    );
    await world.apply(testRun({ at: june + 3 * hour }));
    expect(world.sink.given.slice(1).map(({ address }) => address)).toEqual(["later@x.fr", "taken-off@x.fr"]);
  });

  test("nothing that a run of ours may have done while its memory cannot be read", async () => {
    const world = worldOf([["a@x.fr", left({ cause: "PUBLISHER" })]], [{ email: "a@x.fr" }]);
    const get = world.store.get.bind(world.store);
    world.store.get = async (key) => {
      if (key.endsWith("acts.bin")) throw new Error("S3 is slow");
      return await get(key);
    };
    expect((await world.apply()).planned.returns).toEqual(none);
    world.store.get = get;
    expect((await world.apply(testRun({ at: june + hour }))).planned.returns).toEqual({
      ...none,
      unsubscribed: 1,
    });
  });

  test("nothing of an undecided, a shielded or a kept reader; of the latter all if the list says so", async () => {
    const rows = [{ email: "undecided@x.fr", subscribed: undefined, fields: {} }];
    const subscribers = [
      ["undecided@x.fr", left()],
      ["old@x.fr", held({ subscribedAt: june - 100 * day })],
    ] as const;
    const kept = worldOf([...subscribers], rows, { onlyAtProvider: "keep" });
    expect((await kept.apply()).planned.returns).toEqual(none);
    const told = worldOf([...subscribers], rows, { onlyAtProvider: "return" });
    expect((await told.apply()).planned.returns).toEqual({ ...none, subscribed: 1 });
    expect((await told.apply(testRun({ at: june + day }))).planned).toMatchObject({
      unsubscribe: 0,
      returns: none,
    });
  });

  test("nothing of who may be absent only because a row of the database is damaged", async () => {
    const came = held({ subscribedAt: june + 1000, fields: { guid: "5" } });
    const world = worldOf([["came@x.fr", came]], []);
    world.rejected = [{ email: "came@@x.fr", guid: "5", unsubscribed: false, reason: "no", place: "row 3" }];
    const { kept, planned } = await world.apply();
    expect([kept.recent, planned.returns]).toEqual([1, none]);
  });

  test("who opted out under an address that the database does not have, by the guid", async () => {
    const world = worldOf(
      [["claire.old@x.fr", left({ fields: { guid: "77" } })]],
      [{ email: "claire.new@x.fr", fields: { guid: "77" } }],
    );
    await world.apply();
    expect(world.sink.given).toMatchObject([
      { tells: "unsubscribed", address: "claire.new@x.fr", cause: "READER", guid: "77" },
    ]);
  });

  test("a consent that is newer than the opt-out is not overwritten: the reader comes back", async () => {
    const world = worldOf([["back@x.fr", left()]], [{ email: "back@x.fr", consentedAt: june - hour }]);
    const { planned, returned } = await world.apply();
    expect([planned.resubscribe, planned.returns, returned.taken]).toEqual([1, none, 0]);
  });
});

describe("a provider that keeps its readers apart from its lists", () => {
  const final = (cause: "READER_FINAL" | "PUBLISHER_FINAL") => left({ cause });

  test("tells who opted out of everything, even against a newer consent, and a note says so", async () => {
    const consentedAt = june - hour;
    const world = worldOf(
      [
        ["reader@x.fr", final("READER_FINAL")],
        ["publisher@x.fr", final("PUBLISHER_FINAL")],
        ["before@x.fr", final("READER_FINAL")],
      ],
      [
        { email: "reader@x.fr", consentedAt },
        { email: "publisher@x.fr", consentedAt },
        { email: "before@x.fr", consentedAt: june - 2 * day },
      ],
    );
    const report = await world.apply();
    expect(report.kept).toMatchObject({ optedOut: 2, publisher: 1 });
    expect(report.notLifted).toBe(2);
    expect(report.notes.join()).toMatch(/before the consent that the database has: 2/);
    expect(world.sink.given.map(({ address, cause }) => [address, cause]).toSorted()).toEqual([
      ["before@x.fr", "READER"],
      ["publisher@x.fr", "PUBLISHER"],
      ["reader@x.fr", "READER"],
    ]);
  });

  test("tells nothing about readers it must not mail, and subscribes those who consented after they may have left", async () => {
    const causes = ["TEMP_HOLD", "PENDING", "NOT_SET", "DELETED", "MAY_HAVE_LEFT"] as const;
    const held = causes.map((cause) => [`${cause}@x.fr`, left({ cause })] as const);
    const rows = causes.map((cause) => ({ email: `${cause}@x.fr` }));
    const world = worldOf(
      [...held, ["again@x.fr", left({ cause: "MAY_HAVE_LEFT" })]],
      [...rows, { email: "again@x.fr", consentedAt: june - hour }],
    );
    const { kept, planned, notes } = await world.run({ mode: "plan" });
    expect(kept).toMatchObject({ tempHold: 1, pending: 1, notSet: 1, deleted: 1, mayHaveLeft: 1 });
    expect(planned).toMatchObject({ subscribe: 1, resubscribe: 0, returns: none });
    expect(notes.join()).toMatch(/which they may have left: 1/);
  });

  test("keeps a value that the database has emptied: it is not sent in run after run, and a note counts it", async () => {
    const fields = { guid: "1", data_firstname: "Ana" };
    const world = worldOf([["a@x.fr", held({ fields })]], [{ email: "a@x.fr", fields: { guid: "1" } }]);
    world.provider.clearsFields = false;
    const { planned, notCleared, notes } = await world.apply();
    expect([planned.update, notCleared]).toEqual([0, 1]);
    expect(notes.join()).toMatch(/a value that the database has emptied and the provider keeps: 1/);
    world.provider.clearsFields = true;
    expect(await world.apply()).toMatchObject({ planned: { update: 1 }, notCleared: 0 });
  });
});

describe("a field that the provider owns", () => {
  const owned = { providerFields: ["data_firstname"] };

  test("is returned, not sent, and then both sides agree", async () => {
    const world = worldOf(
      [["a@x.fr", held({ fields: { guid: "1", data_firstname: "Anaïs" } })]],
      [{ email: "a@x.fr", fields: { guid: "2", data_firstname: "Anna" } }],
      owned,
    );
    const report = await world.apply();
    expect(report.planned).toMatchObject({ update: 1, returns: { ...none, updated: 1 } });
    expect(world.provider.written.flat()).toMatchObject([{ email: "a@x.fr", fields: { guid: "2" } }]);
    expect(world.sink.given).toMatchObject([{ tells: "updated", fields: { data_firstname: "Anaïs" } }]);
    const again = await world.apply(testRun({ at: june + hour }));
    expect(again.planned).toMatchObject({ update: 0, returns: none });
  });

  test("and that the source does not have is noted: its name may be wrong", async () => {
    const world = worldOf([], [], { providerFields: ["data_firstname", "data_fristname"] });
    expect((await world.apply()).notes).toEqual([
      '"providerFields" names what the source does not have: data_fristname',
    ]);
  });

  test("begins with the database's value", async () => {
    const world = worldOf([], [{ email: "new@x.fr", fields: { data_firstname: "Neo" } }], owned);
    await world.apply();
    expect(world.provider.subscribers.get("new@x.fr")?.fields).toMatchObject({ data_firstname: "Neo" });
  });
});

describe("order and faults", () => {
  const bothWays = () => worldOf([["out@x.fr", left()]], [{ email: "out@x.fr" }, { email: "new@x.fr" }]);

  test("the database is told before the provider is", async () => {
    const world = bothWays();
    let givenBefore = 0;
    world.provider.before = (call) => {
      if (call === "write") givenBefore = world.sink.given.length;
    };
    await world.apply();
    expect(givenBefore).toBe(1);
  });

  test("what the database refuses holds back no change, and comes again", async () => {
    const world = bothWays();
    world.sink.failure = new SinkError("statement 1", "is refused with 42703");
    const { error, report } = await failing(world);
    expect(error).toBe(world.sink.failure);
    expect(report.returned).toMatchObject({ taken: 0, left: 1 });
    expect(report.applied.subscribe).toBe(1);
    world.sink.failure = undefined;
    expect((await world.apply(testRun({ at: june + hour }))).returned.taken).toBe(1);
  });

  test("what the provider refuses holds back no return", async () => {
    const world = bothWays();
    const refused = new BatchRefusedError("writing a batch", 400, { lines: [], reason: "no" });
    world.provider.before = (call) => {
      if (call === "write") throw refused;
    };
    await failing(world);
    expect(world.sink.given).toHaveLength(1);
  });

  test("if both fail, the run's error tells of one and a note of the other", async () => {
    const world = bothWays();
    world.sink.failure = new SinkError("statement 1", "is refused with 42703");
    const down = new Error("boom");
    world.provider.before = (call) => {
      if (call === "write") throw down;
    };
    const { error, report } = await failing(world);
    expect(error).toBe(down);
    expect(report.notes).toContain("returns, statement 1: is refused with 42703");
  });

  test("if the time is up when the database refuses, a note tells of that", async () => {
    const world = bothWays();
    const abort = new AbortController();
    const failure = new SinkError("statement 1", "is refused with 42703");
    world.sink.take = async () => {
      abort.abort(new OutOfTimeError("it was cut short"));
      throw failure;
    };
    const { error, report } = await failing(world, testRun({ signal: abort.signal }));
    expect(error?.message).toContain("0 of 1 changes are done, 1 are left, and so are 1 returns");
    expect(report.notes).toEqual([failure.message]);
  });

  test("if the time is up while the database is told, no note repeats it", async () => {
    const world = bothWays();
    const abort = new AbortController();
    world.sink.hangs = true;
    const failed = failing(world, testRun({ signal: abort.signal }));
    setTimeout(() => abort.abort(new OutOfTimeError("it was cut short")), 50);
    expect((await failed).report.notes).toEqual([]);
  });

  test("what was not given to the database was not told to it", async () => {
    const world = bothWays();
    world.sink.failure = new SinkError("the connection", "ended before the commit");
    for (let n = 0; n < 3; n++) await failing(world, testRun({ at: june + n * hour }));
    world.sink.failure = undefined;
    const { returned } = await world.apply(testRun({ at: june + 3 * hour }));
    expect(returned).toMatchObject({ taken: 1, repeated: 0, notTaken: 0 });
  });

  describe("a database that does not answer", () => {
    async function waitFor(run = testRun<SyncReport>()) {
      const world = bothWays();
      const waits: number[] = [];
      world.clock = {
        ...systemClock,
        after: (ms, act) => {
          waits.push(ms);
          queueMicrotask(act);
          return () => undefined;
        },
      };
      world.sink.hangs = true;
      return { ...(await failing(world, run)), waits };
    }

    test("holds back no change", async () => {
      const { error, report, waits } = await waitFor();
      expect(error?.message).toBe(
        "returns, the time limit: they were not done after 300 s, and none was taken",
      );
      expect([report.applied.subscribe, report.returned.left, waits]).toEqual([1, 1, [300_000]]);
    });

    test("leaves the changes half of the time in which the run still works", async () => {
      const run = {
        ...testRun<SyncReport>(),
        stopsAt: new Date(june + 6000),
        deadline: new Date(june + 12_000),
      };
      expect((await waitFor(run)).waits).toEqual([3000]);
    });
  });

  test("a return that was given three times and comes again is counted, and a note says so", async () => {
    const world = bothWays();
    world.sink.takes = false;
    const reports: SyncReport[] = [];
    for (let n = 0; n < 4; n++) {
      world.readAt = june + n * hour;
      reports.push(await world.apply(testRun({ at: world.readAt })));
    }
    expect(reports.map(({ returned }) => [returned.repeated, returned.notTaken])).toEqual([
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    expect(reports[3]?.notes).toContain(
      "returns that earlier runs gave to the database, which still disagrees: 1, 1 of them 3 times or more",
    );
    expect(reports[0]?.notes).toContain("returns: statement 1 changed no row");
  });
});

test("a return is not called not taken while the source is as it was before", async () => {
  const world = worldOf([["out@x.fr", left()]], []);
  let report: SyncReport | undefined;
  for (let n = 0; n < 5; n++) {
    world.rows = [anchor, { email: "out@x.fr" }];
    report = await world.apply(testRun({ at: june + n * hour }));
  }
  expect(report?.returned).toMatchObject({ taken: 1, repeated: 1, notTaken: 0 });
});

describe("what a person decides on", () => {
  const many = () => {
    const names = Array.from({ length: 30 }, (_, n) => `r${n}@x.fr`);
    const world = worldOf(
      names.map((name) => [name, left()] as const),
      [...names.map((email) => ({ email })), { email: "new@x.fr" }],
      { limits: { return: { ratio: 0.1, floor: 5 } } },
    );
    return world;
  };

  test("too many returns wait, the changes go, and the approval of the limit gives them", async () => {
    const world = many();
    const { error, report } = await failing(world);
    expect(error).toBeInstanceOf(UnsafePlanError);
    expect(error?.message).toContain(
      "it would return 30 readers to the database, which has 32 subscribers (93.8 %); the limit for a day is 5, or 10 %",
    );
    expect(report.returned).toMatchObject({ taken: 0, waiting: 30 });
    expect(report.applied.subscribe).toBe(1);
    expect(report.check.event).toMatchObject({ approve: ["return"] });
    const approved = await world.run(report.check.event);
    expect(approved.returned).toMatchObject({ taken: 30, stale: 0, waiting: 0, left: 0 });
  });

  test("an approval gives only what the two sides still ask for", async () => {
    const world = many();
    const { report } = await failing(world);
    world.rows = world.rows.filter(({ email }) => email !== "r3@x.fr");
    const approved = await world.run(report.check.event);
    expect(approved.returned).toMatchObject({ taken: 29, stale: 1 });
    expect(world.sink.given.map(({ address }) => address)).not.toContain("r3@x.fr");
  });

  test("an approval lifts no opt-out that may be later than what was approved", async () => {
    const came = held({ subscribedAt: june + 1000 });
    const strict = { limits: { return: { ratio: 0, floor: 0 } } };
    const rows = [{ email: "again@x.fr", subscribed: false }];
    const world = worldOf(
      [
        ["again@x.fr", came],
        ["new@x.fr", came],
      ],
      rows,
      strict,
    );
    const { report } = await failing(world);
    expect(report.planned.returns.subscribed).toBe(2);
    world.readAt = june + hour;
    expect((await world.run(report.check.event)).returned).toMatchObject({ taken: 1, stale: 1 });
    expect(world.sink.given.map(({ address }) => address)).toEqual(["new@x.fr"]);
  });

  test("mode plan tries everything in the database, and leaves nothing behind", async () => {
    const world = many();
    const report = await world.run({ mode: "plan" });
    expect(report.returned).toMatchObject({ taken: 0, statements: [30], waiting: 30 });
    expect(world.sink.given).toEqual([]);
    expect(world.rows.every(({ subscribed }) => subscribed !== false)).toBe(true);
  });

  test("mode return tells the database and changes nothing at the provider", async () => {
    const world = worldOf([["out@x.fr", left()]], [{ email: "out@x.fr" }, { email: "new@x.fr" }]);
    const report = await world.run({ mode: "return" });
    expect(report.returned.taken).toBe(1);
    expect(report.applied).toMatchObject({ accepted: 0, left: 1, waiting: 0 });
    expect(world.provider.written).toEqual([]);
  });

  test("mode return names the event that approves the returns, and only that", async () => {
    const world = many();
    world.rows.push(...Array.from({ length: 40 }, (_, n) => ({ email: `more${n}@x.fr` })));
    const list = { limits: { return: { ratio: 0, floor: 5 }, subscribe: { ratio: 0, floor: 5 } } };
    const tight = worldOf([...world.provider.subscribers], world.rows, list);
    const run = testRun<SyncReport>();
    const error = await tight.run({ mode: "return" }, run).catch((failure: Error) => failure);
    const { event, refusals = [] } = run.report.check ?? {};
    expect([event?.approve, refusals.map(({ limit }) => limit)]).toEqual([
      ["return"],
      ["subscribe", "return"],
    ]);
    expect((error as Error).message).toContain(JSON.stringify(event));
  });

  test("what earlier runs of the day returned counts", async () => {
    const world = many();
    world.rows = world.rows.slice(0, 5);
    await world.apply();
    expect(world.sink.given).toHaveLength(4);
    world.rows.push({ email: "r20@x.fr" }, { email: "r21@x.fr" });
    const { error } = await failing(world, testRun({ at: june + hour }));
    expect(error?.message).toContain("beside 4 within the last 24 hours");
  });
});

test("a list without `returns` counts them, and all else is as it was", async () => {
  const world = new SyncWorld([["out@x.fr", left()]], [anchor, { email: "out@x.fr" }]);
  const report = await world.apply();
  expect(report.planned.returns).toEqual({ ...none, unsubscribed: 1 });
  expect(report.returned).toMatchObject({ taken: 0, left: 0, waiting: 0 });
  expect([report.check.safe, report.notes]).toEqual([true, []]);
});
