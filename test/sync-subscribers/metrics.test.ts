import { expect, test } from "vitest";
import type { UnsubscribeCause } from "../../functions/domain/subscriber.ts";
import { memoryKey } from "../../functions/platform/storage/object-keys.ts";
import { metricsOf } from "../../functions/sync-subscribers/metrics.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const june = Date.UTC(2026, 5, 1);
const hourMs = 3_600_000;
const left = (cause: UnsubscribeCause) => ({ subscribed: false, cause, fields: {} });

test("the metrics of a run count what it left as it is, and the age of its source", async () => {
  const world = new SyncWorld(
    [
      ["left@x.fr", left("READER")],
      ["bounced@x.fr", left("HARD_BOUNCE")],
      ["taken-off@x.fr", left("PUBLISHER")],
      ["deleted@x.fr", left("DELETED")],
      ["pending@x.fr", left("PENDING")],
      ["late@x.fr", { subscribed: true, subscribedAt: june, fields: {} }],
      ["new@x.fr", { subscribed: true, subscribedAt: june - hourMs, fields: {} }],
    ],
    ["left", "bounced", "taken-off", "deleted", "pending"].map((name) => ({ email: `${name}@x.fr` })),
  );
  const run = testRun<SyncReport>({ at: june + 3 * hourMs });
  await world.apply(run);
  expect(metricsOf(run.report, run.now())).toMatchObject({
    KeptUnsubscribed: 5,
    KeptSubscribed: 2,
    KeptRefused: 0,
    ChangesWaiting: 0,
    SourceAgeHours: 3,
  });
});

test("a run that failed before it knew anything has no metrics of it", () => {
  expect(metricsOf({ list: "daily" }, new Date(june))).toEqual({});
});

test("changes that wait for a person are counted, whether it is the run that failed or a plan", async () => {
  const limits = { unsubscribe: { ratio: 0, floor: 0 } };
  const subscribers = ["a@x.fr", "b@x.fr"].map((email) => [email, { subscribed: true, fields: {} }] as const);
  const world = new SyncWorld(subscribers, [{ email: "a@x.fr" }], { limits });
  for (const mode of ["plan", "apply"] as const) {
    const run = testRun<SyncReport>();
    await world.run({ mode }, run).catch(() => undefined);
    expect(metricsOf(run.report, run.now())["ChangesWaiting"]).toBe(1);
  }
});

test("rows that are set aside are counted once, by the first run that a person let work, and never by a look", async () => {
  const world = new SyncWorld([["a@x.fr", { subscribed: true, fields: {} }]], [{ email: "a@x.fr" }]);
  const rejected = (place: string, email: string) => ({ place, email, reason: "no @", unsubscribed: false });
  world.rejected = [rejected("line 3", "b at x.fr"), rejected("line 4", "c at x.fr")];
  /** How many rows are set aside, how many of them are new, and what the alarm hears. */
  const counted = async (event: Parameters<SyncWorld["run"]>[0]) => {
    const run = testRun<SyncReport>();
    const { desired, newlyRejected } = await world.run(event, run);
    return [desired.rejected, newlyRejected, metricsOf(run.report, run.now())["RowsQuarantined"]];
  };
  const scheduled = { mode: "apply", scheduledAt: "2026-06-01T00:00:00Z" } as const;
  expect(await counted({ mode: "plan" })).toEqual([2, 2, 2]);
  expect(await counted(scheduled)).toEqual([2, 2, undefined]);
  expect(await counted({ mode: "apply" })).toEqual([2, 2, 2]);
  expect(await counted(scheduled)).toEqual([2, 0, 0]);
  // Rows before it were added and mended: it stands elsewhere.
  world.rejected = [rejected("line 9", "c at x.fr"), rejected("line 10", "d at x.fr")];
  world.rows.push({ email: "no address of x.fr" });
  expect(await counted(scheduled)).toEqual([3, 2, 2]);
  expect(await counted(scheduled)).toEqual([3, 0, 0]);
  await world.store.put(memoryKey("daily", "rejections.bin"), Buffer.from("damaged"));
  expect(await counted(scheduled)).toEqual([3, 3, 3]);
  expect(await counted(scheduled)).toEqual([3, 0, 0]);
});
