import { describe, expect, test } from "vitest";
import type { CurrentSubscriber } from "../../../functions/domain/subscriber.ts";
import type { DesiredRow } from "../../support/desired-rows.ts";
import { kindsOf, planFor } from "./plan-for.ts";

// A reader whom the provider has in several spellings gets every newsletter once.

type Row = Partial<CurrentSubscriber> & { readonly email: string };
const left = (email: string, more: Partial<CurrentSubscriber> = {}): Row => ({
  email,
  subscribed: false,
  cause: "READER",
  unsubscribedAt: 5_000,
  ...more,
});
const consented = (email: string): DesiredRow => ({ email, consentedAt: 9_000 });
const orders = (rows: readonly Row[]) => [rows, rows.toReversed()];
const cameBack = (...plan: Parameters<typeof planFor>) => kindsOf(planFor(...plan).steps);

describe("of several spellings that may come back, only one does", () => {
  test.each([
    ["the source's", "claire@kiosk.fr", "claire@kiosk.fr"],
    ["the source's, with its domain as it is sent", "claire@KIOSK.fr", "claire@kiosk.fr"],
    ["if none is the source's, the first in the order of code units", "CLAIRE@kiosk.fr", "Claire@Kiosk.fr"],
  ])("%s", (_, email, expected) => {
    const rows = ["claire@kiosk.fr", "Claire@kiosk.fr", "Claire@Kiosk.fr"].map((spelling) => left(spelling));
    for (const current of orders(rows)) {
      const { steps, counts } = planFor(current, [consented(email)]);
      expect(kindsOf(steps)).toEqual([["resubscribe", expected]]);
      expect(counts.planned).toMatchObject({ resubscribe: 1, unchanged: 2 });
    }
  });

  test("one that must stay away keeps no other one away", () => {
    const rows = [left("a@x.fr", { cause: "PUBLISHER" }), left("A@x.fr", { cause: "PUBLISHER" })];
    rows[0] = { ...rows[0]!, unsubscribedAt: 9_500 };
    for (const current of orders(rows))
      expect(cameBack(current, [consented("a@x.fr")])).toEqual([["resubscribe", "A@x.fr"]]);
  });

  test.each([
    ["the publisher had taken off all", { cause: "PUBLISHER" }, { resubscribePublisher: "always" }],
    ["all bounced", { cause: "HARD_BOUNCE" }, { resubscribeBounced: true }],
  ] as const)("also where %s", (_, how, policy) => {
    const current = [left("a@x.fr", how), left("A@x.fr", how)];
    expect(cameBack(current, [{ email: "a@x.fr" }], { policy })).toEqual([["resubscribe", "a@x.fr"]]);
  });

  test("also where a run of ours had unsubscribed all", () => {
    const current = [left("a@x.fr", { cause: "PUBLISHER" }), left("A@x.fr", { cause: "PUBLISHER" })];
    const ours = {
      policy: { givesConsents: false },
      remembered: { lastActOn: () => ({ kind: "unsubscribed", at: 5_000 }) as const },
    };
    expect(cameBack(current, [{ email: "A@x.fr" }], ours)).toEqual([["resubscribe", "A@x.fr"]]);
  });

  test("and if the provider refused that one lately, none does", () => {
    const remembered = { wasRefused: ({ email }: { email: string }) => email === "a@x.fr" };
    const { steps, counts } = planFor([left("a@x.fr"), left("A@x.fr")], [consented("a@x.fr")], {
      remembered,
    });
    expect([steps, counts.kept.refused, counts.planned.unchanged]).toEqual([[], 1, 1]);
  });

  test("with the guid", () => {
    const row = { ...consented("a@x.fr"), fields: { guid: "7" } };
    expect(planFor([left("A@x.fr"), left("a@x.fr")], [row]).steps).toMatchObject([
      { kind: "resubscribe", email: "a@x.fr", fields: { guid: "7" } },
    ]);
  });
});

describe("beside a spelling that stays subscribed, none comes back", () => {
  test.each([
    ["READER", {}],
    ["PUBLISHER", { resubscribePublisher: "always" }],
    ["HARD_BOUNCE", { resubscribeBounced: true }],
  ] as const)("nor one that was unsubscribed by %s and is the source's", (cause, policy) => {
    for (const current of orders([left("a@x.fr", { cause }), { email: "A@x.fr" }])) {
      const { steps, counts } = planFor(current, [consented("a@x.fr")], { policy });
      expect([steps, counts.planned.unchanged]).toEqual([[], 2]);
    }
  });

  test("nor one that opted out before the other subscribed", () => {
    const current = [left("a@x.fr"), { email: "A@x.fr", subscribedAt: 7_000 }];
    expect(cameBack(current, [consented("a@x.fr")])).toEqual([]);
  });

  test("nor does a new row add a third one", () => {
    expect(cameBack([left("a@x.fr"), { email: "A@x.fr" }], [consented("A@X.fr")])).toEqual([]);
  });
});

test("a subscribed spelling that an opt-out takes off brings none of the others back", () => {
  const takenOff = left("a@x.fr", { cause: "PUBLISHER" });
  const current = [takenOff, left("A@x.fr", { unsubscribedAt: 9_000 }), { email: "A@X.fr" }];
  const always = { policy: { resubscribePublisher: "always" } } as const;
  const { steps, counts } = planFor(current, [consented("a@x.fr")], always);
  expect([kindsOf(steps), counts.kept.optedOut]).toEqual([[["unsubscribe", "A@X.fr"]], 2]);
});

describe("from run to run", () => {
  const both = [left("a@x.fr"), left("A@x.fr")];
  const after = (current: readonly Row[], steps: readonly { readonly email: string }[]) =>
    current.map((row) =>
      steps.some(({ email }) => email === row.email) ? { email: row.email, subscribedAt: 10_000 } : row,
    );

  test("no second spelling follows the first, also if the source respells its row", () => {
    const { steps } = planFor(both, [consented("a@x.fr")]);
    for (const email of ["a@x.fr", "A@x.fr"])
      expect(cameBack(after(both, steps), [consented(email)])).toEqual([]);
  });

  test("no second spelling follows if the reader leaves the first again", () => {
    const again = [left("a@x.fr", { unsubscribedAt: 9_500 }), left("A@x.fr")];
    expect(cameBack(again, [consented("a@x.fr")])).toEqual([]);
  });
});
