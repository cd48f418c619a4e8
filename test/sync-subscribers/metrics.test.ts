import { expect, test } from "vitest";
import type { UnsubscribeCause } from "../../functions/domain/subscriber.ts";
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
