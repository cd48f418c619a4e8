import { describe, expect, test } from "vitest";
import type { PlanCounts } from "../../functions/domain/plan.ts";
import { findRefusals, limitsSchema } from "../../functions/domain/safety.ts";

const limits = limitsSchema.parse({
  unsubscribe: { ratio: 0.1, floor: 5 },
  subscribe: { ratio: 0.5, floor: 5 },
});

function counts(subscribed: number, planned: Partial<PlanCounts["planned"]>, unsubscribed = 0): PlanCounts {
  return {
    current: { subscribed, unsubscribed },
    desired: {
      subscribed: 0,
      unsubscribed: 0,
      rejected: 0,
      duplicates: 0,
      sharedGuids: 0,
    },
    planned: {
      subscribe: 0,
      resubscribe: 0,
      update: 0,
      unsubscribe: 0,
      unchanged: 0,
      ...planned,
    },
    kept: { optedOut: 0, bounced: 0, recent: 0, onlyAtProvider: 0 },
  };
}

describe("findRefusals", () => {
  test("refuses to unsubscribe 41 of 100, and says so with every number", () => {
    expect(findRefusals(counts(100, { unsubscribe: 41 }), limits)).toEqual([
      "it would unsubscribe 41 of 100 subscribers (41.0 %); the limit is 5, or 10 % of the list if that is more",
    ]);
  });

  test.each([
    ["at the ratio", 100, 10, true],
    ["past the ratio", 100, 11, false],
    ["at the floor of a small list", 6, 5, true],
    ["past the floor of a small list", 6, 6, false],
    ["past the floor, below the ratio", 1_000, 60, true],
  ])("unsubscribing %s: %d subscribers, %d to leave, safe is %s", (_, subscribed, unsubscribe, safe) => {
    expect(findRefusals(counts(subscribed, { unsubscribe }), limits).length === 0).toBe(safe);
  });

  test("counts resubscriptions as subscriptions", () => {
    expect(findRefusals(counts(10, { subscribe: 3, resubscribe: 3 }), limits)).toHaveLength(1);
    expect(findRefusals(counts(10, { subscribe: 3, resubscribe: 2 }), limits)).toEqual([]);
  });

  test("lets an empty list be filled, but not one whose readers have all left", () => {
    expect(findRefusals(counts(0, { subscribe: 100_000 }), limits)).toEqual([]);
    expect(findRefusals(counts(0, { resubscribe: 100_000 }, 100_000), limits)).toHaveLength(1);
  });

  test("does not limit updates", () => {
    expect(findRefusals(counts(100, { update: 100 }), limits)).toEqual([]);
  });

  test("the defaults are the documented ones", () => {
    expect(limitsSchema.parse(undefined)).toEqual({
      unsubscribe: { ratio: 0.1, floor: 100 },
      subscribe: { ratio: 0.5, floor: 1000 },
    });
    expect(limitsSchema.parse({ unsubscribe: { floor: 7 } }).unsubscribe).toEqual({ ratio: 0.1, floor: 7 });
  });
});
