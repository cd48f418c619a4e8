import { fc, test as property } from "@fast-check/vitest";
import { expect } from "vitest";
import { type UnsubscribeCause, unsubscribeCauses } from "../../functions/domain/subscriber.ts";
import { planTextKey } from "../../functions/platform/storage/object-keys.ts";
import { planPageKey, runPageKey } from "../../functions/platform/storage/page-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { summaryOf } from "../../functions/sync-subscribers/summary.ts";
import type { DesiredRow } from "../support/desired-rows.ts";
import type { HeldSubscriber } from "../support/in-memory-provider.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";
import { named, PagesWorld, readable, runIdAt } from "./pages-world.ts";

const id = runIdAt(0);

/** Everything of a reader begins so, and nothing of ours does. */
const mark = "zq";
const ofReader = /zq|@x\.fr/i;

const address = fc.nat(20).map((number) => `${mark}reader${number}@x.fr`);
const noAddress = fc.constantFrom(`${mark} none`, `${mark}@`, `${mark}a\u200bb@x.fr`, `${mark}@@x.fr`);
const fields = fc.record({
  guid: fc.nat(20).map((number) => `${mark}${number}`),
  data_firstname: fc.constantFrom("anna", "o'brien", "<b>&amp;", "léa\u001b[2J").map((name) => mark + name),
}) as fc.Arbitrary<Record<string, string>>;
const time = fc.integer({ min: 1, max: 5 }).map((month) => Date.UTC(2026, month, 1));

const held = fc.oneof(
  fc.record({ subscribed: fc.constant(true), subscribedAt: time, fields }),
  fc.record({
    subscribed: fc.constant(false),
    cause: fc.constantFrom<UnsubscribeCause>(...unsubscribeCauses),
    unsubscribedAt: time,
    fields,
  }),
) as fc.Arbitrary<HeldSubscriber>;

const row = fc.record(
  {
    email: fc.oneof({ weight: 6, arbitrary: address }, { weight: 1, arbitrary: noAddress }),
    subscribed: fc.boolean(),
    cause: fc.constantFrom("READER" as const, "PUBLISHER" as const),
    consentedAt: time,
    fields,
  },
  { requiredKeys: ["email", "fields"] },
) as fc.Arbitrary<DesiredRow>;

/** How the provider answers: it takes everything, refuses rows, or fails with an address in its error. */
const answer = fc.constantFrom("takes", "refuses", "fails");

const drawn = fc.record({
  readers: fc.array(fc.tuple(address, held), { maxLength: 20 }),
  rows: fc.array(row, { maxLength: 40 }),
  mode: fc.constantFrom("plan", "apply", "return"),
  how: answer,
});
type Drawn = typeof drawn extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs a sync, and stores its report as the handler does. */
async function pagesOf({ readers, rows, mode, how }: Drawn) {
  const world = new SyncWorld(readers, rows, { returns: { kind: "csv" } });
  if (how === "refuses") world.provider.accepts = (email) => !/[02468]@/.test(email);
  if (how === "fails")
    world.provider.before = (call) => {
      if (call === "write") throw new TypeError(`${mark}reader1@x.fr`);
    };
  const run = { ...testRun<SyncReport>(), id };
  const error = await world.run({ mode }, run).then(
    () => undefined,
    // What is not ours has lost its message before it gets into a report.
    ({ name, message, actor }) => ({ name, message: actor ? message : name, actor: actor ?? "operator" }),
  );
  const pages = new PagesWorld(world.store);
  await pages.report(named(id), {
    run: id,
    outcome: error ? "failed" : "succeeded",
    summary: `daily: ${summaryOf(run.report, error)}`,
    error,
    ...run.report,
  });
  await pages.show(named(id));
  return { pages, report: run.report };
}

property.prop([drawn], { numRuns: 60 })(
  "no page of counts tells anything of a reader, whatever both sides hold",
  async (world) => {
    const { pages } = await pagesOf(world);
    for (const key of [runPageKey(named(id)), "reports/index.html", "reports/index.json"]) {
      expect(readable(pages.text(key))).not.toMatch(ofReader);
    }
    const plan = pages.text(planPageKey("daily", id)).replaceAll("\n", "");
    expect(plan).not.toMatch(/<b>|[\p{Cc}\p{Cf}]/u);
  },
);

property.prop([drawn], { numRuns: 60 })(
  "the first line of a plan agrees with the report of its run, in every mode",
  async (world) => {
    const { pages, report } = await pagesOf(world);
    if (report.planned === undefined) return;
    const [line = ""] = pages.text(planTextKey("daily", id)).split("\n");
    const told = Object.fromEntries(
      Array.from(line.matchAll(/(\w+) (\d+)/g), ([, name, count]) => [name, count]),
    );
    const sum = (counts: object) => Object.values(counts).reduce((total, count) => total + count, 0);
    const { returns, unchanged: _, ...changes } = report.planned;
    const expected = { ...changes, kept: sum(report.kept ?? {}), returns: sum(returns) };
    for (const [name, count] of Object.entries(expected)) expect(told[name] ?? "0").toBe(String(count));
  },
);
