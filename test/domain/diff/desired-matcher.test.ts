import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { DesiredRow } from "../../support/desired-rows.ts";
import { kindsOf, planFor } from "./plan-for.ts";

describe("rows of the source that share an address", () => {
  const both = (first: Partial<DesiredRow>, second: Partial<DesiredRow>) =>
    planFor(
      [],
      [
        { email: "A@x.fr", ...first },
        { email: "a@X.fr", ...second },
      ],
    );

  test("are one subscriber, and the others are counted as duplicates", () => {
    const { steps, counts } = both({}, {});
    expect(kindsOf(steps)).toEqual([["subscribe", "A@x.fr"]]);
    expect(counts.desired).toMatchObject({
      subscribed: 1,
      unsubscribed: 0,
      duplicates: 1,
    });
  });

  test("the most recent counts if both have a time, in either order", () => {
    const older = { consentedAt: 1_000, subscribed: false };
    const newer = { consentedAt: 2_000, fields: { guid: "2" } };
    expect(both(older, newer).steps).toMatchObject([{ kind: "subscribe", fields: { guid: "2" } }]);
    expect(both(newer, older).steps).toMatchObject([{ kind: "subscribe", fields: { guid: "2" } }]);
    expect(both(older, newer).counts.desired).toMatchObject({
      subscribed: 1,
      unsubscribed: 0,
      duplicates: 1,
    });
  });

  test("an unsubscribed one counts if a time is missing or both are the same", () => {
    const left = { subscribed: false };
    expect(both({ consentedAt: 2_000 }, left).steps).toEqual([]);
    expect(both(left, { consentedAt: 2_000 }).steps).toEqual([]);
    expect(both({ consentedAt: 1 }, { ...left, consentedAt: 1 }).steps).toEqual([]);
    expect(both(left, {}).counts.desired).toMatchObject({
      subscribed: 0,
      unsubscribed: 1,
    });
  });

  test("the same holds for an address that the provider has, whatever the first row was", () => {
    const current = { email: "a@x.fr", fields: { guid: "1" } };
    const same = { email: "a@x.fr", fields: { guid: "1" }, consentedAt: 5_000 };
    const other = { email: "A@x.fr", fields: { guid: "2" } };
    expect(planFor([current], [same, { ...other, consentedAt: 4_000 }]).steps).toEqual([]);
    expect(planFor([current], [same, { ...other, consentedAt: 6_000 }]).steps).toMatchObject([
      { fields: { guid: "2" } },
    ]);
    expect(planFor([current], [same, { ...other, subscribed: false }]).steps).toMatchObject([
      { kind: "unsubscribe" },
    ]);
    const gone = {
      email: "a@x.fr",
      subscribed: false,
      cause: "READER",
      unsubscribedAt: 9_000,
    } as const;
    expect(
      planFor(
        [gone],
        [
          { email: "a@x.fr", subscribed: false },
          { ...same, consentedAt: 9_999 },
        ],
      ).steps,
    ).toEqual([]);
  });

  test("the order of the rows does not matter", () => {
    const timed = (consentedAt: number, subscribed: boolean) => ({
      email: "a@x.fr",
      consentedAt,
      subscribed,
    });
    const timeless = (subscribed: boolean) => ({ email: "a@x.fr", subscribed });
    const mixed = [
      [timed(1, false), timeless(false), timed(2, true)],
      [timed(2, true), timeless(true), timed(1, false)],
      [timed(1, false), timed(2, true), timeless(true)],
    ];
    for (const [one, two, three] of mixed as [DesiredRow, DesiredRow, DesiredRow][]) {
      const orders = [
        [one, two, three],
        [one, three, two],
        [two, one, three],
        [two, three, one],
        [three, one, two],
        [three, two, one],
      ];
      for (const rows of orders) {
        expect(planFor([], rows).steps).toEqual([]);
        expect(kindsOf(planFor([{ email: "a@x.fr" }], rows).steps)).toEqual([["unsubscribe", "a@x.fr"]]);
        expect(planFor([], rows).counts.desired).toMatchObject({
          subscribed: 0,
          unsubscribed: 1,
          duplicates: 2,
        });
      }
    }
  });

  test("a third row is compared with the one that counts of the first two", () => {
    const rows = [3_000, 9_000, 5_000].map((consentedAt) => ({
      email: "a@x.fr",
      consentedAt,
      fields: { guid: String(consentedAt) },
    }));
    const { steps, counts } = planFor([], rows);
    expect(steps).toMatchObject([{ fields: { guid: "9000" } }]);
    expect(counts.desired.duplicates).toBe(2);
  });
});

const rowStatus = fc.record({
  subscribed: fc.boolean(),
  isReaders: fc.boolean(),
  consentedAt: fc.constantFrom(undefined, 1_000, 2_000),
});

property.prop([
  fc.array(rowStatus, { minLength: 1, maxLength: 4 }),
  fc.boolean(),
  fc.infiniteStream(fc.nat()),
])(
  "an unsubscription and its cause do not depend on the order of an address's rows",
  (statuses, isAtProvider, order) => {
    const rows = statuses.map(
      ({ subscribed, isReaders, consentedAt }): DesiredRow => ({
        email: "a@x.fr",
        subscribed,
        ...(!subscribed && { cause: isReaders ? "READER" : "PUBLISHER" }),
        ...(consentedAt !== undefined && { consentedAt }),
      }),
    );
    const shuffled = rows
      .map((row) => ({ row, at: order.next().value }))
      .sort((one, other) => one.at - other.at)
      .map(({ row }) => row);
    const current = isAtProvider ? [{ email: "a@x.fr" }] : [];
    const outcome = (from: readonly DesiredRow[]) => {
      const { steps, counts } = planFor(current, [...from]);
      return [counts.desired, steps.map((step) => [step.kind, "cause" in step ? step.cause : ""])];
    };
    expect(outcome(shuffled)).toEqual(outcome(rows));
  },
);

test("an opt-out that counts again because of a row without a time is sent as the reader's", () => {
  const out = { email: "a@x.fr", subscribed: false, cause: "READER", consentedAt: 1_000 } as const;
  const back = { email: "a@x.fr", consentedAt: 3_000 };
  const untimed = { email: "a@x.fr" };
  for (const rows of [
    [out, back, untimed],
    [untimed, back, out],
    [back, untimed, out],
  ]) {
    const { steps } = planFor([{ email: "a@x.fr" }], rows);
    expect(steps).toMatchObject([{ kind: "unsubscribe", cause: "READER" }]);
  }
});
