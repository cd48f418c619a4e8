import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { canonicalEmail } from "../../functions/domain/email.ts";
import { UnsafePlanError } from "../../functions/domain/plan-errors.ts";
import { toldCause, type UnsubscribeCause, unsubscribeCauses } from "../../functions/domain/subscriber.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { DesiredRow } from "../support/desired-rows.ts";
import { type HeldSubscriber, InMemoryProvider } from "../support/in-memory-provider.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

const email = fc
  .tuple(
    fc.constantFrom("a", "b", "c", "d", "é", "ana", "A"),
    fc.constantFrom("@x.fr", "@X.fr", "@bücher.fr"),
  )
  .map(([local, domain]) => local + domain);
const time = fc.integer({ min: 1, max: 6 }).map((month) => Date.UTC(2026, month, 1));
const fields = fc.record(
  {
    guid: fc.constantFrom("1", "2", "3"),
    data_firstname: fc.constantFrom("", "Ana", "Zoé"),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>;

const heldSubscriber = fc.oneof(
  fc.record({ subscribed: fc.constant(true), subscribedAt: time, fields }),
  fc.record(
    {
      subscribed: fc.constant(false),
      cause: fc.constantFrom<UnsubscribeCause>(...unsubscribeCauses),
      unsubscribedAt: time,
      fields,
    },
    { requiredKeys: ["subscribed", "fields"] },
  ),
) as fc.Arbitrary<HeldSubscriber>;

const row = fc.record(
  {
    email: fc.oneof(
      { weight: 9, arbitrary: email },
      { weight: 1, arbitrary: fc.constantFrom("user1@", "no") },
    ),
    subscribed: fc.boolean(),
    cause: fc.constantFrom("READER" as const, "PUBLISHER" as const),
    consentedAt: time,
    fields,
  },
  { requiredKeys: ["email", "fields"] },
) as fc.Arbitrary<DesiredRow>;

/** Starts after every time that the arbitraries can draw. */
const laterRun = () => testRun<SyncReport>({ at: Date.UTC(2026, 8, 1) });

/** @param largestFloor the smaller it is, the more plans are refused */
const worldOf = (largestFloor: number) => {
  const limit = fc.record({
    ratio: fc.constantFrom(0, 0.5, 1),
    floor: fc.integer({ min: 0, max: largestFloor }),
  });
  return fc.record({
    subscribers: fc.array(fc.tuple(email, heldSubscriber), { maxLength: 12 }),
    // A source without a usable address stops the run, so there is always one.
    rows: fc.array(row, { maxLength: 14 }).map((rows) => [...rows, { email: "anchor@x.fr", fields: {} }]),
    list: fc.record({
      batchSize: fc.integer({ min: 1, max: 5 }),
      onlyAtProvider: fc.constantFrom("unsubscribe", "keep"),
      resubscribeBounced: fc.boolean(),
      limits: fc.record({ unsubscribe: limit, subscribe: limit }),
    }),
    showsData: fc.boolean(),
  });
};
type Drawn = ReturnType<typeof worldOf> extends fc.Arbitrary<infer Value> ? Value : never;

function build({ subscribers, rows, list, showsData }: Drawn): SyncWorld {
  const provider = new InMemoryProvider(structuredClone(subscribers));
  provider.showsData = showsData;
  return new SyncWorld(provider, rows, list);
}

/** Applies the plan, and approves it if it is refused, as a person would who has looked at it. */
async function applyApproved(synced: SyncWorld): Promise<SyncReport[]> {
  const run = laterRun();
  try {
    return [await synced.apply(run)];
  } catch (error) {
    if (!(error instanceof UnsafePlanError)) throw error;
    const approval = JSON.parse(/\{.*\}/.exec(error.message)![0]);
    return [run.report as SyncReport, await synced.run(approval, laterRun())];
  }
}

/**
 * Nobody who opted out or bounced is subscribed without newer consent, and only resubscriptions send
 * `subscribed: true`.
 */
function expectConsent({ rows, list, subscribers }: Drawn, provider: InMemoryProvider): void {
  const before = new Map(subscribers);
  const lifted: string[] = [];
  for (const [spelling, held] of before) {
    if (held.subscribed || held.cause === "PUBLISHER") continue;
    const bounced = held.cause === "HARD_BOUNCE" || held.cause === "MULTIPLE_BOUNCES";
    const consents = rows
      .filter((each) => each.subscribed !== false && canonicalEmail(each.email) === canonicalEmail(spelling))
      .map(({ consentedAt = 0 }) => consentedAt);
    const mayComeBack: boolean = bounced
      ? list.resubscribeBounced
      : consents.some((consent) => consent > (held.unsubscribedAt ?? Number.POSITIVE_INFINITY));
    if (mayComeBack) lifted.push(spelling);
    else expect(provider.subscribers.get(spelling)?.subscribed).toBe(false);
  }
  for (const { email: sent, subscribed } of provider.written.flat()) {
    if (subscribed !== true) continue;
    expect(before.get(sent)?.subscribed).toBe(false);
    for (const [spelling, held] of before) {
      if (canonicalEmail(spelling) !== canonicalEmail(sent) || held.subscribed) continue;
      // Who is only held, or may have left, has not opted out under that spelling.
      const told = toldCause(held.cause);
      if (told !== undefined && told !== "PUBLISHER") expect(lifted).toContain(spelling);
    }
  }
}

/** Nobody is added or brought back in one spelling who is subscribed in another one. */
function expectOnce({ subscribers }: Drawn, provider: InMemoryProvider): void {
  const before = new Map(subscribers);
  const subscribed = [...provider.subscribers].filter(([, held]) => held.subscribed);
  const isNew = ([spelling]: (typeof subscribed)[number]) => !before.get(spelling)?.subscribed;
  for (const [spelling] of subscribed.filter(isNew)) {
    const same = subscribed.filter(([other]) => canonicalEmail(other) === canonicalEmail(spelling));
    expect(same).toHaveLength(1);
  }
}

/** The reports say exactly what the provider did. */
function expectExact(reports: readonly SyncReport[], { written }: InMemoryProvider): void {
  const rows = written.flat();
  const sum = (counter: "accepted" | "unsubscribe") =>
    reports.reduce((total, { applied }) => total + applied[counter], 0);
  expect(sum("accepted")).toBe(rows.length);
  expect(sum("unsubscribe")).toBe(rows.filter(({ subscribed }) => subscribed === false).length);
  expect(reports.flatMap(({ discrepancies }) => discrepancies)).toEqual([]);
  expect(new Set(rows.map((each) => each.email)).size).toBe(rows.length);
}

async function expectEmptyPlan(synced: SyncWorld): Promise<void> {
  const { subscribe, resubscribe, update, unsubscribe } = (await synced.run({ mode: "plan" })).planned;
  expect({ subscribe, resubscribe, update, unsubscribe }).toEqual({
    subscribe: 0,
    resubscribe: 0,
    update: 0,
    unsubscribe: 0,
  });
}

describe("whatever the two sides hold", () => {
  property.prop([worldOf(12)], { numRuns: 400 })(
    "nobody is subscribed without consent or twice, the report is exact, and planning again gives an empty plan",
    async (drawn) => {
      const synced = build(drawn);
      const reports = await applyApproved(synced);
      expectConsent(drawn, synced.provider);
      expectOnce(drawn, synced.provider);
      expectExact(reports, synced.provider);
      // An approval sends only what its plan holds: what its own run has changed since comes with the next one.
      if (reports.length > 1) await applyApproved(synced);
      await expectEmptyPlan(synced);
      expectOnce(drawn, synced.provider);
    },
  );

  property.prop([worldOf(3)], { numRuns: 200 })(
    "what a plan's limits refuse is not sent, and all else is",
    async (drawn) => {
      const synced = build(drawn);
      const run = laterRun();
      const failure = await synced.apply(run).catch((error: Error) => error);
      fc.pre(failure instanceof UnsafePlanError);
      const { check, planned, applied } = run.report as SyncReport;
      const rows = synced.provider.written.flat();
      const waiting = check.refusals.flatMap(({ groups }) => groups);
      expect(applied.waiting).toBeGreaterThan(0);
      expect(applied.accepted).toBe(rows.length);
      const sentCauses = new Set(
        rows.filter(({ subscribed }) => subscribed === false).map(({ cause }) => cause),
      );
      if (waiting.includes("optOut")) expect(sentCauses).not.toContain("READER");
      if (waiting.includes("unsubscribe")) expect(sentCauses).not.toContain("PUBLISHER");
      if (!waiting.includes("subscribe")) expect(applied.subscribe).toBe(planned.subscribe);
    },
  );
});
