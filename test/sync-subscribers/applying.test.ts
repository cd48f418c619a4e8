import { describe, expect, test } from "vitest";
import { ProviderContractError, ProviderUnavailableError } from "../../functions/domain/provider-errors.ts";
import { metricsOf } from "../../functions/sync-subscribers/metrics.ts";
import type { DesiredRow } from "../support/desired-rows.ts";
import { type Outcome, SandboxWorld } from "./sandbox-world.ts";

const emails = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}${n}@kiosk.fr`);
const rowsOf = (emails: readonly string[]): DesiredRow[] => emails.map((email) => ({ email }));
const optOuts = (emails: readonly string[]): DesiredRow[] =>
  emails.map((email) => ({ email, subscribed: false, cause: "READER" }));
const isBad = (email: string) => !email.includes("..");

const inStep = emails("step", 200);
const leaving = emails("leaving", 10);
const fresh = emails("fresh", 10);

describe("rows that the provider refuses", () => {
  const bad = emails("a..b", 60);
  const many = emails("reader", 2_000);
  const rows = [...rowsOf(many), ...rowsOf(bad), ...optOuts(leaving), ...rowsOf(fresh)];

  test.each(["message", "cause"] as const)(
    "hold up neither opt-outs nor good rows, and are set aside once: %s",
    async (errorShape) => {
      const world = await SandboxWorld.create([...many, ...leaving], rows, {
        acceptsEmail: isBad,
        errorShape,
      });
      const first = await world.apply();
      expect(first.report.applied).toMatchObject({
        unsubscribe: 10,
        subscribe: 10,
        quarantined: 60,
        left: 0,
      });
      expect(first.failure).toBeInstanceOf(ProviderContractError);
      expect(first.failure?.message).toContain("60 of 80 rows were refused for the first time");
      expect(first.report.notes.join()).toContain("the provider refused 60 of 80 changes");
      expect(leaving.filter((email) => world.isSubscribed(email))).toEqual([]);
      expect(fresh.every((email) => world.isSubscribed(email))).toBe(true);
      world.takeWrites();

      const second = await world.apply();
      expect(second.failure).toBeUndefined();
      expect(second.report.kept.refused).toBe(60);
      expect(metricsOf(second.report, new Date())).toMatchObject({ RowsRefused: 0, ChangesLeft: 0 });
      expect(world.takeWrites().requests).toBe(0);
    },
  );

  test("are sent again when they change", async () => {
    const world = await SandboxWorld.create(inStep, rowsOf([...inStep, bad[0]!]), { acceptsEmail: isBad });
    await world.apply();
    world.rows = [...rowsOf(inStep), { email: bad[0]!, fields: { data_firstname: "Zoé" } }];
    expect((await world.apply()).report.applied.quarantined).toBe(1);
  });

  test("are tried again if they are opt-outs, apart from the others, and are no news", async () => {
    const refused = "a..b@kiosk.fr";
    const world = await SandboxWorld.create([...inStep, refused, ...leaving], [], { acceptsEmail: isBad });
    world.rows = [
      ...rowsOf(inStep),
      ...optOuts([refused, ...leaving.slice(0, 5)]),
      ...rowsOf(leaving.slice(5)),
    ];
    const first = await world.apply();
    expect(first.report.applied).toMatchObject({ unsubscribe: 5, quarantined: 1, refusedAgain: 0 });
    world.takeWrites();

    world.rows = [...rowsOf(inStep), ...optOuts([refused, ...leaving])];
    const second = await world.apply();
    expect(second.failure).toBeUndefined();
    expect(second.report.applied).toMatchObject({ unsubscribe: 5, quarantined: 0, refusedAgain: 1, left: 0 });
    expect(metricsOf(second.report, new Date())).toMatchObject({ RowsRefused: 0 });
    expect(world.takeWrites().requests).toBe(2);
  });

  test("use up no limit of the day when they are accepted at last", async () => {
    let acceptsAll = false;
    const later = emails("later", 60);
    const acceptsEmail = (email: string) => acceptsAll || isBad(email);
    const world = await SandboxWorld.create([...inStep, ...bad, ...later], [], { acceptsEmail });
    world.rows = [...rowsOf(inStep), ...optOuts(bad), ...rowsOf(later)];
    expect((await world.apply()).report.applied.quarantined).toBe(60);
    acceptsAll = true;
    expect((await world.apply()).report.applied.unsubscribe).toBe(60);

    world.rows = [...rowsOf(inStep), ...optOuts([...bad, ...later])];
    const { report, failure } = await world.apply();
    expect(failure).toBeUndefined();
    expect(report.applied).toMatchObject({ unsubscribe: 60, waiting: 0 });
  });
});

describe("errors in the report of an accepted batch", () => {
  const bad = leaving.slice(0, 2);
  const listOf = (badRows: "reported" | "reported as objects" | "reported, but applied") =>
    SandboxWorld.create([...inStep, ...leaving], [...rowsOf(inStep), ...optOuts(leaving)], {
      acceptsEmail: (email) => !bad.includes(email),
      badRows,
    });

  test.each(["reported", "reported as objects"] as const)(
    "are refusals of the rows they name: %s",
    async (badRows) => {
      const world = await listOf(badRows);
      const { report, failure } = await world.apply();
      expect(failure).toBeUndefined();
      expect(report.applied).toMatchObject({ unsubscribe: 8, accepted: 8, quarantined: 2 });
      expect(report.discrepancies).toEqual([]);
      expect(metricsOf(report, new Date())).toMatchObject({ RowsRefused: 2, Discrepancies: 0 });
    },
  );

  test("are believed even if the rows were applied, and then the counters differ", async () => {
    const { report } = await (await listOf("reported, but applied")).apply();
    expect(report.applied).toMatchObject({ accepted: 8, quarantined: 2 });
    expect(report.discrepancies).toMatchObject([{ counter: "unsubscribed", predicted: 8, answered: 10 }]);
    expect(metricsOf(report, new Date())).toMatchObject({ Discrepancies: 1 });
  });
});

describe("rows at which the provider fails", () => {
  test.each([1, 2, 5])("are set aside in one run, and hold up nobody: %i of them", async (count) => {
    const poison = emails("poison", count);
    const rows = [...rowsOf(inStep), ...optOuts(leaving), ...rowsOf([...fresh, ...poison])];
    const world = await SandboxWorld.create([...inStep, ...leaving], rows);
    world.failAt({ row: /poison/ });
    const { report, failure } = await world.apply();
    expect(failure).toBeUndefined();
    expect(report.applied).toMatchObject({ unsubscribe: 10, subscribe: 10, quarantined: count, left: 0 });
    world.takeWrites();

    const second = await world.apply();
    expect([second.failure, second.report.kept.refused]).toEqual([undefined, count]);
    expect(world.takeWrites().requests).toBe(0);
  });

  test("are set aside among opt-outs, too, and tried again without a failure", async () => {
    const world = await SandboxWorld.create(
      [...inStep, ...leaving, "poison@kiosk.fr"],
      [...rowsOf(inStep), ...optOuts([...leaving, "poison@kiosk.fr"]), ...rowsOf(fresh)],
    );
    world.failAt({ row: /poison/ });
    const first = await world.apply();
    expect(first.failure).toBeUndefined();
    expect(first.report.applied).toMatchObject({ unsubscribe: 10, subscribe: 10, quarantined: 1, left: 0 });
    const second = await world.apply();
    expect(second.failure).toBeUndefined();
    expect(second.report.applied).toMatchObject({ accepted: 0, quarantined: 0, refusedAgain: 1, left: 0 });
    world.sandbox.faults.length = 0;
    expect((await world.apply()).report.applied).toMatchObject({ unsubscribe: 1, refusedAgain: 0 });
  });

  test("are not at fault as long as nothing else is accepted, even if there is only one", async () => {
    const world = await SandboxWorld.create(inStep, rowsOf([...inStep, "poison@kiosk.fr"]));
    world.failAt({ row: /poison/ });
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied).toMatchObject({ quarantined: 0, left: 1 });
    world.sandbox.faults.length = 0;
    expect((await world.apply()).report.applied).toMatchObject({ subscribe: 1, left: 0 });
  });

  test("an opt-out that failed alone at first is judged by what was accepted after it", async () => {
    const world = await SandboxWorld.create(
      [...inStep, "poison@kiosk.fr"],
      [...rowsOf(inStep), ...optOuts(["poison@kiosk.fr"]), ...rowsOf(fresh)],
    );
    world.failAt({ row: /poison/ });
    const { report, failure } = await world.apply();
    expect(failure).toBeUndefined();
    expect(report.applied).toMatchObject({ subscribe: 10, quarantined: 1, left: 0 });
  });
});

describe("a row at which the provider fails, run after run, and that is alone", () => {
  const poison = "poison@kiosk.fr";
  const worldOf = (...rows: DesiredRow[]) =>
    SandboxWorld.create(
      [...inStep, ...rows.filter((row) => row.subscribed === false).map(({ email }) => email)],
      [...rowsOf(inStep), ...rows],
    );
  const isDoubted = ({ report, failure }: Outcome) => {
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied).toMatchObject({ quarantined: 0, left: 1 });
  };

  test("fails the runs of a day, and is set aside for a week after it", async () => {
    const world = await worldOf({ email: poison });
    world.failAt({ row: /poison/ });
    isDoubted(await world.apply());
    world.pass(17);
    isDoubted(await world.apply());
    world.pass(2);
    const { report, failure } = await world.apply();
    expect(failure).toBeUndefined();
    expect(report.applied).toMatchObject({ quarantined: 1, left: 0 });
    expect(report.notes).toContain("changes set aside because the provider has failed at each for a day: 1");
    expect(await world.quarantined()).toMatchObject([
      {
        email: poison,
        reason: expect.stringMatching(/failed 3 times.*; it failed at this row alone a day ago, too$/),
      },
    ]);
    world.takeWrites();

    const next = await world.apply();
    expect([next.failure, next.report.kept.refused]).toEqual([undefined, 1]);
    expect(world.takeWrites().requests).toBe(0);
    world.pass(7 * 24);
    const again = await world.apply();
    expect(again.failure).toBeUndefined();
    expect(again.report.applied).toMatchObject({ quarantined: 1, left: 0 });
  });

  test("is doubted for another day once it has changed", async () => {
    const world = await worldOf({ email: poison });
    world.failAt({ row: /poison/ });
    isDoubted(await world.apply());
    world.pass(24);
    world.rows = [...rowsOf(inStep), { email: poison, fields: { data_firstname: "Zoé" } }];
    isDoubted(await world.apply());
  });

  test.each(["lost", "damaged"])("is doubted for another day when the memory is %s", async (harm) => {
    const world = await worldOf({ email: poison });
    world.failAt({ row: /poison/ });
    isDoubted(await world.apply());
    world.pass(24);
    const key = "memory/daily/refusals.bin";
    if (harm === "lost") world.store.objects.delete(key);
    else await world.store.put(key, Buffer.from("<html>"));
    isDoubted(await world.apply());
    world.pass(24);
    expect((await world.apply()).failure).toBeUndefined();
  });

  test("is sent by every run if it is an opt-out, set aside or not", async () => {
    const world = await worldOf(...optOuts([poison]));
    world.failAt({ row: /poison/ });
    isDoubted(await world.apply());
    world.pass(24);
    expect((await world.apply()).report.applied).toMatchObject({ quarantined: 1, left: 0 });
    const { report, failure } = await world.apply();
    expect(failure).toBeUndefined();
    expect(report.applied).toMatchObject({ quarantined: 0, refusedAgain: 1, left: 0 });
    world.sandbox.faults.length = 0;
    expect((await world.apply()).report.applied).toMatchObject({ unsubscribe: 1, refusedAgain: 0 });
  });

  test("is set aside beside another one, which is doubted for a day of its own", async () => {
    const world = await worldOf({ email: poison });
    world.failAt({ row: /poison/ });
    isDoubted(await world.apply());
    world.pass(24);
    world.rows.push({ email: "poison2@kiosk.fr" });
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied).toMatchObject({ quarantined: 1, left: 1 });
    world.pass(24);
    expect((await world.apply()).report.applied).toMatchObject({ quarantined: 1, left: 0 });
  });

  test("is not set aside by a run in which the provider is down", async () => {
    const world = await worldOf(...optOuts([poison]));
    world.failAt({});
    isDoubted(await world.apply());
    world.pass(24);
    world.rows.push(...rowsOf(emails("new", 60)));
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied).toMatchObject({ quarantined: 0, left: 61 });
  });
});

describe("a batch that cannot be sent", () => {
  const everyFifth = emails("leaving", 400).map((email, n) => (n % 5 === 4 ? `poison${email}` : email));

  test("because of more bad rows than a run looks for, holds up no other", async () => {
    const rows = [...rowsOf(inStep), ...optOuts(everyFifth), ...rowsOf(fresh)];
    const list = { limits: { unsubscribe: { ratio: 1 } } };
    const world = await SandboxWorld.create([...inStep, ...everyFifth], rows, { list });
    world.failAt({ row: /poison/ });
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied.subscribe).toBe(10);
    expect(report.applied.left).toBeGreaterThan(0);
    expect(world.takeWrites().requests).toBeLessThan(1_000);
  });

  test("because its answers cannot be understood, holds up no other", async () => {
    const rows = [...rowsOf(inStep), ...optOuts(leaving), ...rowsOf(fresh)];
    const world = await SandboxWorld.create([...inStep, ...leaving], rows);
    world.sandbox.faults.push({ match: { row: /leaving/ }, fault: { kind: "wrongShape" } });
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderContractError);
    expect(report.applied).toMatchObject({ unsubscribe: 0, subscribe: 10, left: 10 });
  });
});

describe("a provider that cannot take so many rows at once", () => {
  test.each([413, 504])("gets fewer, and the run says how many: status %i", async (status) => {
    const rows = rowsOf(emails("reader", 900));
    const world = await SandboxWorld.create([], rows, { list: { batchSize: 400 } });
    world.failAt({ rowsAbove: 120 }, status);
    const { report, failure } = await world.apply();
    expect(failure).toBeUndefined();
    expect(report.applied).toMatchObject({ subscribe: 900, quarantined: 0, left: 0 });
    expect(report.notes.at(-1)).toMatch(
      /^the provider failed at larger batches, so no more than \d+ changes were sent at once: set "batchSize" to 100$/,
    );
  });
});

describe("a provider that is down", () => {
  const rows = [...rowsOf(inStep), ...optOuts(leaving), ...rowsOf(emails("new", 90))];

  test("ends the run soon, and everything is left", async () => {
    const world = await SandboxWorld.create([...inStep, ...leaving], rows);
    world.failAt({});
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied).toMatchObject({ accepted: 0, quarantined: 0, left: 100 });
    expect(world.takeWrites().requests).toBeLessThan(60);
  });

  test("keeps no opt-out waiting that came before", async () => {
    const world = await SandboxWorld.create([...inStep, ...leaving], rows, { list: { batchSize: 20 } });
    world.failAt({ row: /new/ });
    const { report, failure } = await world.apply();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(report.applied).toMatchObject({ unsubscribe: 10, quarantined: 0, left: 90 });
  });

  test("that is throttled for an hour ends the run at once, which says when to come back", async () => {
    const world = await SandboxWorld.create([...inStep, ...leaving], rows);
    const match = { method: "POST", path: /subscribers$/ };
    world.sandbox.faults.push({ match, fault: { kind: "status", status: 429, retryAfter: 3600 } });
    const { failure } = await world.apply();
    expect(failure?.message).toMatch(
      /failed once with status 429 \(Too Many Requests\); the provider asks to wait until 20/,
    );
    expect(world.takeWrites().requests).toBe(1);
  });
});

test("opt-outs go out though a limit holds back the rest", async () => {
  const world = await SandboxWorld.create(
    [...inStep, ...leaving],
    [
      ...rowsOf(inStep),
      ...optOuts(leaving.slice(0, 5)),
      ...rowsOf(leaving.slice(5)),
      ...rowsOf(emails("new", 1_300)),
    ],
  );
  const { report, failure } = await world.apply();
  expect(failure?.name).toBe("UnsafePlanError");
  expect(report.applied).toMatchObject({ unsubscribe: 5, subscribe: 0, waiting: 1_300 });
});

test("opt-outs are sent in requests of their own, before anything else", async () => {
  const world = await SandboxWorld.create(
    [...inStep, ...leaving, ...emails("gone", 5)],
    [...rowsOf(inStep), ...optOuts(leaving), ...rowsOf(fresh)],
  );
  await world.apply();
  const sent = world.sandbox.requests.filter(
    ({ method, path }) => method === "POST" && path.endsWith("/subscribers"),
  );
  const causes = sent.map(({ rows }) => [...new Set(rows.map((row) => row["unsubscribed_cause"]))]);
  expect(causes).toEqual([["READER"], ["PUBLISHER"], [undefined]]);
});

test("a request has a megabyte of JSON at the most, however wide the rows are", async () => {
  const wide = "é".repeat(10_000);
  const rows = emails("wide", 120).map((email) => ({ email, fields: { data_firstname: wide } }));
  const world = await SandboxWorld.create([], rows);
  expect((await world.apply()).report.applied).toMatchObject({ subscribe: 120, left: 0 });
  const bodies = world.sandbox.requests.flatMap(({ body }) =>
    Array.isArray(body) ? [JSON.stringify(body)] : [],
  );
  const sizes = bodies.map((body) => Buffer.byteLength(body));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
  expect(sizes).toHaveLength(3);
});
