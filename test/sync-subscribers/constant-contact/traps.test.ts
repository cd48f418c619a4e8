import { describe, expect, test } from "vitest";
import { ProviderUnavailableError, QuotaExceededError } from "../../../functions/domain/provider-errors.ts";
import { accountName } from "../../../functions/providers/constant-contact/account-name.ts";
import { openMirror } from "../../../functions/providers/constant-contact/mirror/mirror.ts";
import { dailyList } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { secretName, signal, start } from "../../providers/constant-contact/connect.ts";
import { AccountWorld, dayMs, hourMs, member, nothingPlanned, outsider } from "./account-world.ts";

const importing = { method: "POST", path: /contacts_json_import$/ };
const numbered = (count: number) => Array.from({ length: count }, (_, n) => `reader${n}@x.fr`);
const filled = (count: number) => numbered(count).map((email) => member(email));

/** A list of forty, and ten new readers in the database, whom a run may add unseen. */
async function worldOf(options: Parameters<typeof AccountWorld.create>[2] = {}) {
  const rows = [...numbered(40), ...newcomers].map((email) => ({ email }));
  return AccountWorld.create(filled(40), rows, options);
}
const newcomers = Array.from({ length: 10 }, (_, n) => `new${n}@x.fr`);
const isFull = (world: AccountWorld) => newcomers.every((email) => world.isSubscribed(email));

describe("who left one list", () => {
  test("just before an import is not put back, by an update either, and the database hears of it", async () => {
    const world = await AccountWorld.create(
      [...filled(20), member("leaver@x.fr"), member("stays@x.fr")],
      [...numbered(20), "leaver@x.fr", "stays@x.fr"].map((email) => ({ email, fields: {} })),
    );
    await world.apply();
    for (const email of ["leaver@x.fr", "stays@x.fr"]) {
      const row = world.row(email)!;
      world.rows[world.rows.indexOf(row)] = { ...row, fields: { data_first_name: "New" } };
    }
    const stop = world.sandbox.onRequest(({ path }) => {
      // After both sides were read, as the first write is about to be prepared.
      if (!path.endsWith("/activities")) return;
      world.sandbox.people.leave("leaver@x.fr", dailyList);
      stop();
    });
    const { applied } = await world.apply();
    expect(applied).toMatchObject({ update: 1, stale: 1 });
    expect(world.imported).toEqual(["stays@x.fr"]);
    expect((await world.apply()).planned).toMatchObject({ update: 0, returns: { unsubscribed: 1 } });
    expect(world.row("leaver@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
  });

  test.each([1, 10])(
    "after a run had added %i to it is not put back, although no reading had shown them there",
    async (count) => {
      const world = await AccountWorld.create(
        filled(40),
        [...numbered(40), ...newcomers.slice(0, count)].map((email) => ({ email })),
      );
      expect((await world.apply()).applied.subscribe).toBe(count);
      world.sandbox.people.leave("new0@x.fr", dailyList);
      expect((await world.apply()).planned).toMatchObject({ subscribe: 0, returns: { unsubscribed: 1 } });
      expect(world.isSubscribed("new0@x.fr")).toBe(false);
      expect(world.row("new0@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
    },
  );

  test("between two attempts is not sent by the second", async () => {
    const world = await AccountWorld.create(
      [...filled(20), member("leaver@x.fr"), member("stays@x.fr")],
      [...numbered(20), "leaver@x.fr", "stays@x.fr"].map((email) => ({ email })),
    );
    await world.apply();
    for (const email of ["leaver@x.fr", "stays@x.fr"]) {
      const row = world.row(email)!;
      world.rows[world.rows.indexOf(row)] = { ...row, fields: { data_first_name: "New" } };
    }
    world.sandbox.faults.push({ match: importing, times: 1, fault: { kind: "status", status: 503 } });
    const stop = world.sandbox.onRequest(({ path }) => {
      if (!importing.path.test(path)) return;
      world.sandbox.people.leave("leaver@x.fr", dailyList);
      stop();
    });
    expect((await world.apply()).applied).toMatchObject({ update: 1, stale: 1 });
    expect(world.imported).toEqual(["stays@x.fr"]);
    expect(world.isSubscribed("leaver@x.fr")).toBe(false);
  });

  test("because a run removed them is not taken for a departure, even if the run did not see it done", async () => {
    const world = await AccountWorld.create(
      [...filled(20), member("removed@x.fr")],
      numbered(20).map((email) => ({ email })),
    );
    world.sandbox.activityPlans.push({ ms: 20 * 60_000 });
    expect((await world.run()).failure?.name).toBe("OutOfTimeError");
    world.pass(dayMs);
    world.rows.push({ email: "removed@x.fr" });
    const { kept, planned } = await world.apply();
    expect(kept).toMatchObject({ publisher: 1, optedOut: 0 });
    expect(planned.returns.unsubscribed).toBe(1);
    expect(world.row("removed@x.fr")).toMatchObject({ cause: "PUBLISHER" });
  });

  test("is remembered: only a newer consent brings them back, and then both sides agree at once", async () => {
    const world = await AccountWorld.create(
      [...filled(20)],
      [...numbered(20)].map((email) => ({ email })),
    );
    await world.apply();
    world.sandbox.people.leave("reader3@x.fr", dailyList);
    world.pass(dayMs);
    await world.apply();
    expect(world.row("reader3@x.fr")).toMatchObject({ subscribed: false });
    world.pass(hourMs);
    world.rows = world.rows.map((row) =>
      row.email === "reader3@x.fr"
        ? { email: row.email, subscribed: true, consentedAt: world.world.clock.now() }
        : row,
    );
    expect((await world.apply()).applied).toMatchObject({ resubscribe: 1, stale: 0 });
    expect(world.isSubscribed("reader3@x.fr")).toBe(true);
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
  });
});

describe("an activity", () => {
  test.each(["failed", "timed_out"] as const)(
    "that ends as %s is divided until the rest is done",
    async (ends) => {
      const world = await worldOf();
      world.sandbox.activityPlans.push({ ends }, { ends }, {});
      const { applied } = await world.apply();
      expect(applied).toMatchObject({ subscribe: 10, left: 0 });
      expect(isFull(world)).toBe(true);
    },
  );

  test("that somebody cancelled ends the run, and the next one does the rest", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ends: "cancelled", done: 0.5 });
    const { failure, report } = await world.run();
    expect(failure).toBeInstanceOf(ProviderUnavailableError);
    expect(failure?.message).toContain('ended as "cancelled"');
    expect(report.applied).toMatchObject({ accepted: 0, left: 10 });
    expect((await world.apply()).applied).toMatchObject({ subscribe: 5, left: 0 });
    expect(isFull(world)).toBe(true);
  });

  test("that does not end in time is left to the next run, which waits for it and sends nothing twice", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ms: 20 * 60_000 });
    const { failure, report } = await world.run();
    expect(failure?.name).toBe("OutOfTimeError");
    expect(report.applied).toMatchObject({ accepted: 0, left: 10 });
    const { planned } = await world.apply();
    expect(planned).toMatchObject(nothingPlanned);
    expect(world.imported).toEqual([]);
    expect(isFull(world)).toBe(true);
  });

  test("that is still not over when the next run has something to send is waited for first", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ms: 85 * 60_000 });
    await world.run();
    const { notes, applied } = await world.apply();
    expect(notes.join()).toMatch(/activities of earlier runs that the provider has not ended: 1/);
    // By then it had subscribed them.
    expect(applied).toMatchObject({ subscribe: 10, left: 0 });
    const [ours, earlier] = world.sandbox.activities;
    expect(ours!.createdAt.getTime()).toBeGreaterThanOrEqual(earlier!.endedAt!.getTime());
    expect(isFull(world)).toBe(true);
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
  });

  test("that never ends is given up after hours, with a note", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ends: "never" });
    await world.run();
    world.pass(3 * hourMs);
    const { notes, applied } = await world.apply();
    expect(notes.join()).toMatch(/has not ended for 3 hours: it is given up/);
    expect(applied).toMatchObject({ subscribe: 10, left: 0 });
    expect(isFull(world)).toBe(true);
  });

  test("whose answer was lost is found, and not begun again", async () => {
    const world = await worldOf();
    world.sandbox.faults.push({ match: importing, times: 1, fault: { kind: "lost" } });
    const { applied, discrepancies } = await world.apply();
    expect([applied.subscribe, discrepancies]).toEqual([10, []]);
    expect(world.sandbox.activities).toHaveLength(1);
  });

  test("that the provider does not show at once is waited for", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ms: 10_000 });
    const polling = { method: "GET", path: /activities\/[^/]+$/ };
    world.sandbox.faults.push({ match: polling, times: 3, fault: { kind: "status", status: 404 } });
    expect((await world.apply()).applied).toMatchObject({ subscribe: 10, left: 0 });
    expect(world.sandbox.activities).toHaveLength(1);
  });

  test("that the provider has forgotten ends the run", async () => {
    const world = await worldOf();
    world.sandbox.activityPlans.push({ ends: "never" });
    const polling = { method: "GET", path: /activities\/[^/]+$/ };
    world.sandbox.faults.push({ match: polling, fault: { kind: "status", status: 404 } });
    expect((await world.run()).failure?.message).toContain("does not know an activity that it began");
  });

  test("of another program is not taken for one whose answer was lost: nobody has joined and left by it", async () => {
    const world = await AccountWorld.create(
      [...filled(20), outsider("known@x.fr")],
      [...numbered(20), "known@x.fr"].map((email) => ({ email, consentedAt: start - dayMs })),
      { list: { joinKnown: "always" } },
    );
    const another = { activity_id: "another", state: "completed", status: { items_total_count: 2 } };
    const listing = { method: "GET", path: /activities$/ };
    const stop = world.sandbox.onRequest(({ path }) => {
      if (!importing.path.test(path)) return;
      const fault = { kind: "status", status: 200, body: { activities: [another] } } as const;
      world.sandbox.faults.push({ match: listing, times: 1, fault });
      stop();
    });
    world.sandbox.faults.push({ match: importing, times: 1, fault: { kind: "status", status: 503 } });
    expect((await world.apply()).applied).toMatchObject({ subscribe: 0, stale: 1 });
    await world.apply();
    world.pass(dayMs);
    await world.apply();
    expect(world.isSubscribed("known@x.fr")).toBe(true);
    expect(world.row("known@x.fr")?.subscribed).not.toBe(false);
  });

  test("whose answer was lost with its run is none that began after that run had ended", async () => {
    const world = await AccountWorld.create(
      [...filled(20), outsider("known@x.fr")],
      [...numbered(20), "known@x.fr"].map((email) => ({ email, consentedAt: start - 200 * dayMs })),
    );
    await world.apply();
    const { clock, store, client } = world.world;
    const place = { store, account: accountName(secretName) };
    const mirror = openMirror({ place, client: client(), clock, note: () => undefined });
    const { contact_id } = world.sandbox.contact("known@x.fr")!;
    const joining = await mirror.storeJoining({ contactIds: [contact_id], emails: [] });
    const lost = { list: dailyList, kind: "import", startedAt: clock.now(), rows: 1, joining } as const;
    await mirror.setPending(dailyList, [lost]);
    world.pass(hourMs);
    await client().importJson(async () => [{ email: "another-program@x.fr" }], [dailyList], signal);
    world.pass(dayMs);
    await world.apply();
    world.pass(dayMs);
    expect((await world.apply()).kept.mayHaveLeft).toBe(1);
    expect(world.row("known@x.fr")?.subscribed).not.toBe(false);
  });

  test("that was not accepted is begun again", async () => {
    const world = await worldOf();
    world.sandbox.faults.push({ match: importing, times: 2, fault: { kind: "status", status: 503 } });
    expect((await world.apply()).applied).toMatchObject({ subscribe: 10, left: 0 });
    expect(world.sandbox.activities).toHaveLength(1);
  });

  test("waits while the provider's queue is full", async () => {
    const world = await worldOf({ queuedActivities: 1 });
    world.sandbox.activityPlans.push({ ms: 61 * 60_000 });
    const rows = async () => [{ email: "another-program@x.fr" }];
    await world.world.client().importJson(rows, [dailyList], signal);
    expect((await world.apply()).applied).toMatchObject({ subscribe: 10, left: 0 });
    expect(isFull(world)).toBe(true);
  });
});

describe("the provider", () => {
  test("drops what is too much without a word: the report says so, and the next run brings the rest", async () => {
    const world = await worldOf({ importRows: 6 });
    const { discrepancies } = await world.apply();
    expect(discrepancies).toMatchObject([{ counter: "person_count", predicted: 10, answered: 6 }]);
    expect((await world.apply()).planned.subscribe).toBe(4);
    expect(isFull(world)).toBe(true);
  });

  test("takes only some of the readers off the list: the report says so, and the next run takes the rest", async () => {
    const gone = ["gone1@x.fr", "gone2@x.fr"];
    const world = await AccountWorld.create(
      [...filled(40), ...gone.map((email) => member(email))],
      [...numbered(40).map((email) => ({ email })), ...gone.map((email) => ({ email, subscribed: false }))],
    );
    world.sandbox.activityPlans.push({ done: 0.5 });
    const { discrepancies } = await world.apply();
    expect(discrepancies).toMatchObject([{ counter: "items_completed_count", predicted: 2, answered: 1 }]);
    expect((await world.apply()).planned.unsubscribe).toBe(2);
    expect(gone.filter((email) => world.isSubscribed(email))).toEqual([]);
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
  });

  test("has no quota left: the run ends at once and says when there is more, and nothing is lost", async () => {
    const world = await worldOf();
    await world.run("plan");
    world.sandbox.quota.usedToday = 10_000 - 4;
    const { failure } = await world.run();
    expect(failure).toBeInstanceOf(QuotaExceededError);
    expect(failure?.message).toContain("2026-03-02T00:00");
    world.pass(dayMs);
    await world.apply();
    expect(isFull(world)).toBe(true);
  });

  test("refuses a row: it is set aside, named by its line, and the others are imported", async () => {
    const world = await worldOf({ acceptsEmail: (email) => email !== "new4@x.fr" });
    const { applied, discrepancies } = await world.apply();
    expect(applied).toMatchObject({ subscribe: 9, quarantined: 1 });
    expect(discrepancies).toEqual([]);
    expect((await world.apply()).kept.refused).toBe(1);
  });

  test("has no such custom field: the run says which, instead of sending it for ever", async () => {
    const world = await worldOf({ customFields: [] });
    const { failure } = await world.run();
    expect(failure?.name).toBe("ConfigurationError");
    expect(failure?.message).toContain(
      "lists.daily.source: the account has no custom field with the name guid",
    );
  });
});

test("nobody who left is put back once the mirror is damaged, unless they consent after that", async () => {
  const consented = (consentedAt: number) => numbered(40).map((email) => ({ email, consentedAt }));
  const world = await AccountWorld.create(filled(40), consented(start - 50 * dayMs));
  await world.apply();
  world.sandbox.people.leave("reader3@x.fr", dailyList);
  const { store } = world.world;
  const key = [...store.objects.keys()].find((key) => /^mirror\/.*\.json$/.test(key))!;
  await store.put(key, Buffer.from("{"));
  const { kept, planned } = await world.apply();
  expect([kept.mayHaveLeft, planned.subscribe, planned.resubscribe]).toEqual([1, 0, 0]);
  world.pass(hourMs);
  world.rows = consented(world.world.clock.now());
  expect((await world.apply()).planned.subscribe).toBe(1);
});

test("the mirror of another account, of whose list nothing is right, is not believed", async () => {
  const another = await AccountWorld.create([member("another@x.fr")], [{ email: "another@x.fr" }]);
  await another.apply();
  const rows = [...numbered(40), "left@x.fr"].map((email) => ({ email, consentedAt: start - 200 * dayMs }));
  const world = await AccountWorld.create([...filled(40), outsider("left@x.fr")], rows);
  for (const [key, object] of another.world.store.objects) world.world.store.objects.set(key, object);
  const { planned, kept, notes } = await world.apply();
  expect(planned).toMatchObject({ ...nothingPlanned, unchanged: 40 });
  expect(kept.mayHaveLeft).toBe(1);
  expect(notes.join()).toContain(
    "the list has 40 members, and the mirror shows 1: the account is read whole",
  );
  await world.apply();
  expect(world.calls.filter((call) => call === "GET /contacts")).toHaveLength(2);
});

test("the account is not read whole because most members of the list opted out of everything", async () => {
  const optedOut = numbered(40).map((email) => member(email, { permission_to_send: "unsubscribed" }));
  const world = await AccountWorld.create([member("on@x.fr"), ...optedOut], [{ email: "on@x.fr" }]);
  await world.apply();
  const body = { list_id: dailyList, membership_count: 1 };
  const fault = { kind: "status", status: 200, body } as const;
  world.sandbox.faults.push({ match: { path: /contact_lists/ }, fault });
  await world.apply();
  expect(world.calls.filter((call) => call === "GET /contacts")).toHaveLength(2);
});

test("a run that finds nothing changed makes ten requests at the most, whatever the account's size", async () => {
  const world = await AccountWorld.create([], [], { synthetic: 3_000, list: { onlyAtProvider: "keep" } });
  world.rows = [{ email: world.sandbox.contacts[0]!.email! }];
  await world.apply();
  // The first one reads it whole.
  expect(world.sandbox.requests.length).toBeLessThanOrEqual(3_000 / 500 + 10);
  await world.apply();
  expect(world.sandbox.requests.length).toBeLessThanOrEqual(10);
  expect(world.calls.filter((call) => call === "GET /contacts")).toHaveLength(2);
});

test("the first run counts the readers who may have left, and joinKnown says that nobody did", async () => {
  const rows = ["known@x.fr", "on@x.fr"].map((email) => ({ email, consentedAt: start - 200 * dayMs }));
  const contacts = [member("on@x.fr"), member("known@x.fr", { list_memberships: [] })];
  const careful = await AccountWorld.create(contacts, structuredClone(rows));
  expect((await careful.apply()).kept.mayHaveLeft).toBe(1);
  const sure = await AccountWorld.create(contacts, rows, { list: { joinKnown: "always" } });
  const { kept, planned } = await sure.apply();
  expect([kept.mayHaveLeft, planned.subscribe]).toEqual([0, 1]);
  expect(sure.isSubscribed("known@x.fr")).toBe(true);
  expect((await sure.apply()).planned).toMatchObject(nothingPlanned);
});

test.each(["temp_hold", "pending_confirmation", "not_set"] as const)(
  "a member who is %s is taken off the list if the database says so, and kept there else",
  async (permission_to_send) => {
    const held = ["off@x.fr", "on@x.fr", "absent@x.fr"];
    const world = await AccountWorld.create(
      [...filled(20), ...held.map((email) => member(email, { permission_to_send }))],
      [
        ...numbered(20).map((email) => ({ email })),
        { email: "off@x.fr", subscribed: false, cause: "READER" },
        { email: "on@x.fr" },
      ],
    );
    const { planned, applied } = await world.apply();
    expect(planned).toMatchObject({ subscribe: 0, update: 0, unsubscribe: 1 });
    expect(applied).toMatchObject({ unsubscribe: 1, stale: 0 });
    const listsOf = (email: string) => world.sandbox.contact(email)!.list_memberships;
    expect(held.map((email) => listsOf(email).length)).toEqual([0, 1, 1]);
    expect((await world.apply()).planned).toMatchObject(nothingPlanned);
  },
);
