import { expect, test } from "vitest";
import { UnsafePlanError } from "../../functions/domain/plan-errors.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { HeldSubscriber } from "../support/in-memory-provider.ts";
import { delayFirstPage, joinInFront } from "../support/moving-list.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

// Incidents that publishers have had, each with the numbers of a list, the default limits, and what is right.

const june = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
const may = june - 30 * 24 * hour;
const held = (more: Partial<HeldSubscriber> = {}): HeldSubscriber => ({
  subscribed: true,
  subscribedAt: Date.UTC(2024, 0, 1),
  fields: {},
  ...more,
});
const readers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    email: `reader${from + index}@x.fr`,
    fields: { guid: `${from + index}`, data_firstname: "Ana" },
  }));
type Row = ReturnType<typeof readers>[number];
const heldReaders = (rows: readonly Row[], more: Partial<HeldSubscriber> = {}) =>
  rows.map(({ email, fields }) => [email, held({ fields, ...more })] as const);
const batchSize = 10_000;

async function outcomeOf(world: SyncWorld, at = june) {
  const run = testRun<SyncReport>({ at });
  const failure = await world.apply(run).catch((error: Error) => error);
  return { failure: failure instanceof Error ? failure : undefined, report: run.report as SyncReport };
}

test("a campaign with 1,300 new readers holds back none of five opt-outs", async () => {
  const all = readers(0, 2_000);
  const left = all.slice(0, 5).map((row) => ({ ...row, subscribed: false, cause: "READER" as const }));
  const world = new SyncWorld(heldReaders(all), [...left, ...all.slice(5), ...readers(2_000, 3_300)], {
    batchSize,
  });
  const { failure, report } = await outcomeOf(world);
  expect(failure).toBeInstanceOf(UnsafePlanError);
  expect(report.applied).toMatchObject({ unsubscribe: 5, subscribe: 0, waiting: 1_300 });
});

test("a migration that sets every consent anew brings back nobody unseen", async () => {
  const all = readers(0, 2_000);
  const gone = { subscribed: false, cause: "READER", unsubscribedAt: may } as const;
  const list = [...heldReaders(all.slice(0, 900), gone), ...heldReaders(all.slice(900))];
  const world = new SyncWorld(
    list,
    all.map((row) => ({ ...row, consentedAt: june })),
    { batchSize },
  );
  const { failure, report } = await outcomeOf(world);
  expect(failure?.message).toContain('"approve":["resubscribe"]');
  expect(report.applied).toMatchObject({ resubscribe: 0, waiting: 900 });
});

test("readers whom an editor took off in the provider's dashboard stay off", async () => {
  const all = readers(0, 2_000);
  const takenOff = { subscribed: false, cause: "PUBLISHER", unsubscribedAt: june - hour } as const;
  const list = [...heldReaders(all.slice(0, 400), takenOff), ...heldReaders(all.slice(400))];
  const world = new SyncWorld(
    list,
    all.map((row) => ({ ...row, consentedAt: Date.UTC(2024, 5, 1) })),
    { batchSize },
  );
  const { failure, report } = await outcomeOf(world);
  expect([failure, report.kept.publisher, report.applied.accepted]).toEqual([undefined, 400, 0]);
});

test("a reader who opted out is not mailed under a new address", async () => {
  const fields = { guid: "r-77" };
  const gone = held({ subscribed: false, cause: "READER", unsubscribedAt: may, fields });
  const row = { email: "claire.new@x.fr", fields, consentedAt: Date.UTC(2024, 5, 1) };
  const world = new SyncWorld([["claire.old@x.fr", gone]], [row]);
  const { report } = await outcomeOf(world);
  expect([report.kept.optedOut, world.provider.subscribers.size]).toEqual([1, 1]);
});

test("a file of this morning does not opt out a reader who has come back since", async () => {
  const world = new SyncWorld(
    [["ana@x.fr", held({ subscribedAt: june + 8 * hour })]],
    [{ email: "ana@x.fr", subscribed: false, cause: "READER" }, { email: "b@x.fr" }],
  );
  const { report } = await outcomeOf(world, june + 9 * hour);
  expect(report.kept.recent).toBe(1);
  expect(world.provider.subscribers.get("ana@x.fr")?.subscribed).toBe(true);
});

test("190 damaged addresses unsubscribe none of their readers", async () => {
  const all = readers(0, 2_000);
  const world = new SyncWorld(heldReaders(all), all.slice(190), { batchSize });
  world.rejected = all.slice(0, 190).map(({ email, fields }, row) => ({
    email: `${email};`,
    guid: fields.guid,
    reason: "no address",
    place: `row ${row}`,
    unsubscribed: false,
  }));
  const { failure, report } = await outcomeOf(world);
  expect([failure, report.kept.shielded, report.applied.accepted]).toEqual([undefined, 190, 0]);
});

test("190 damaged addresses without a guid unsubscribe none of their readers unseen", async () => {
  const all = readers(0, 2_000);
  const world = new SyncWorld(heldReaders(all), all.slice(190), { batchSize });
  world.rejected = all.slice(0, 190).map((_, row) => ({
    email: "",
    reason: "email is empty",
    place: `row ${row}`,
    unsubscribed: false,
  }));
  const { failure, report } = await outcomeOf(world);
  expect(failure?.message).toContain('"approve":["reject"]');
  expect(report.applied).toMatchObject({ accepted: 0, waiting: 190 });
});

test("a source that loses 9.9 % an hour loses the list no more than 10 % a day", async () => {
  const all = readers(0, 2_000);
  const world = new SyncWorld(heldReaders(all), all, { batchSize });
  for (let hours = 1; hours <= 6; hours++) {
    world.rows = world.rows.slice(Math.floor(world.rows.length * 0.099));
    await outcomeOf(world, june + hours * hour);
  }
  const subscribed = [...world.provider.subscribers.values()].filter((one) => one.subscribed).length;
  expect(subscribed).toBe(2_000 - 198);
});

test("a list of 80 is not emptied by a source of one", async () => {
  const all = readers(0, 80);
  const { failure, report } = await outcomeOf(
    new SyncWorld(heldReaders(all), all.slice(0, 1), { batchSize }),
  );
  expect(failure).toBeInstanceOf(UnsafePlanError);
  expect(report.applied).toMatchObject({ unsubscribe: 0, waiting: 79 });
});

test("an opt-out of a moment ago holds for the other spelling, which is still subscribed", async () => {
  const gone = held({ subscribed: false, cause: "READER", unsubscribedAt: june - 1_000 });
  const world = new SyncWorld(
    [
      ["Jean@x.fr", gone],
      ["jean@x.fr", held()],
    ],
    [{ email: "jean@x.fr" }],
  );
  await outcomeOf(world);
  expect(world.provider.subscribers.get("jean@x.fr")).toMatchObject({ subscribed: false, cause: "READER" });
});

test("a reader who left years ago and has come back since in another spelling stays subscribed", async () => {
  const gone = held({ subscribed: false, cause: "READER", unsubscribedAt: Date.UTC(2020, 0, 1) });
  const world = new SyncWorld(
    [
      ["Jean@x.fr", gone],
      ["jean@x.fr", held({ subscribedAt: Date.UTC(2023, 0, 1) })],
    ],
    [{ email: "jean@x.fr" }],
  );
  const { report } = await outcomeOf(world);
  expect([report.applied.accepted, report.kept.optedOut]).toEqual([0, 1]);
  expect(world.provider.subscribers.get("jean@x.fr")?.subscribed).toBe(true);
});

test("a reader who consents again gets everything once, even if a run is killed and the source respells its row", async () => {
  const gone = held({ subscribed: false, cause: "READER", unsubscribedAt: may });
  const row = { email: "Claire@x.fr", consentedAt: june - hour };
  const world = new SyncWorld(
    [
      ["claire@x.fr", gone],
      ["Claire@x.fr", gone],
    ],
    [row],
    { batchSize: 1 },
  );
  const subscribed = () =>
    [...world.provider.subscribers].flatMap(([email, one]) => (one.subscribed ? email : []));
  const plan = await world.run({ mode: "plan" });
  let writes = 0;
  world.provider.before = (call) => {
    if (call === "write" && ++writes === 2) throw new Error("killed");
  };
  await outcomeOf(world);
  expect(subscribed()).toEqual(["Claire@x.fr"]);
  world.rows = [{ ...row, email: "claire@x.fr" }];
  await outcomeOf(world, june + hour);
  expect(subscribed()).toEqual(["Claire@x.fr"]);
  const { applied } = await world.run({ apply: plan.planId, approve: ["resubscribe"] });
  expect([applied.stale, subscribed()]).toEqual([1, ["Claire@x.fr"]]);
});

test("the approval of an older plan brings back no spelling that gave way to another one", async () => {
  const gone = held({ subscribed: false, cause: "READER", unsubscribedAt: may });
  const row = { email: "Claire@x.fr", consentedAt: june - hour };
  const list = [
    ["claire@x.fr", gone],
    ["Claire@x.fr", gone],
  ] as const;
  const world = new SyncWorld(list, [row]);
  const older = await world.run({ mode: "plan" });
  world.rows = [{ ...row, email: "claire@x.fr" }];
  const newer = await world.run({ mode: "plan" });
  const appliedOf = async ({ planId }: SyncReport) => (await world.run({ apply: planId })).applied;
  expect(await appliedOf(older)).toMatchObject({ resubscribe: 0, stale: 1 });
  expect(await appliedOf(newer)).toMatchObject({ resubscribe: 1, stale: 0 });
  expect(await appliedOf(older)).toMatchObject({ resubscribe: 0, stale: 1 });
});

test("a reader who signed up by the provider's own form is not unsubscribed before the database knows", async () => {
  const world = new SyncWorld(
    [["new@x.fr", held({ subscribedAt: june - 1.2 * hour })]],
    [{ email: "b@x.fr" }],
  );
  const { report } = await outcomeOf(world);
  expect(report.kept.grace).toBe(1);
  expect(world.provider.subscribers.get("new@x.fr")?.subscribed).toBe(true);
});

test("a reader who signed up there while a run was about to subscribe them has the same days of grace", async () => {
  const world = new SyncWorld([], [{ email: "b@x.fr" }, { email: "new@x.fr" }]);
  world.provider.before = (call) => {
    if (call === "write") world.provider.subscribers.set("new@x.fr", held({ subscribedAt: june }));
  };
  await world.apply();
  world.rows = [{ email: "b@x.fr" }];
  world.readAt = june + hour;
  const { report } = await outcomeOf(world);
  expect(report.kept.grace).toBe(1);
});

test("who opted out under another address stays away, though a sign-up moves that row past the reading", async () => {
  const [moved, ...others] = readers(0, 30);
  const left = { subscribed: false, cause: "READER", unsubscribedAt: may } as const;
  const list = heldReaders(others);
  const optOut = ["old@x.fr", held({ fields: moved!.fields, ...left })] as const;
  const world = new SyncWorld([...list.slice(0, 2), optOut, ...list.slice(2)], [moved!, ...others]);
  delayFirstPage(world.provider, 1, () => joinInFront(world.provider, "new@x.fr"));
  const { failure } = await outcomeOf(world);
  expect(failure).toBeUndefined();
  expect(world.provider.subscribers.has("new@x.fr")).toBe(true);
  expect(world.provider.subscribers.get(moved!.email)?.subscribed ?? false).toBe(false);
});

test("a broken join clears nobody's name unseen, and a name that was missing is given", async () => {
  const all = readers(0, 5_000);
  const nameless = heldReaders(readers(5_000, 5_010)).map(
    ([email, one]) => [email, { ...one, fields: { guid: one.fields["guid"] ?? "" } }] as const,
  );
  const cleared = all.map(({ email, fields }) => ({
    email,
    fields: { guid: fields.guid, data_firstname: "" },
  }));
  const world = new SyncWorld([...heldReaders(all), ...nameless], [...cleared, ...readers(5_000, 5_010)], {
    batchSize,
  });
  const { failure, report } = await outcomeOf(world);
  expect(failure?.message).toContain("change values of 5000 of 5010 subscribers");
  expect(report.applied).toMatchObject({ update: 10, waiting: 5_000 });
});
