import { expect, test } from "vitest";
import { limitUses } from "../../functions/domain/limit-use.ts";
import { limitsSchema } from "../../functions/domain/limits.ts";
import { noChanges, type PlanSummary } from "../../functions/domain/plan.ts";
import { findRefusals } from "../../functions/domain/safety.ts";
import { planOf } from "../planning/sample-plan.ts";

const limits = limitsSchema.parse({});
const nothing = { spent: noChanges(), isFilling: false };

function plan(more: Parameters<typeof planOf>[1], changes: Partial<PlanSummary> = {}): PlanSummary {
  return { ...planOf([], more).plan, current: { subscribed: 2000, unsubscribed: 0 }, ...changes };
}

const useOf = (limit: string, uses: ReturnType<typeof limitUses>) => uses.find((use) => use.limit === limit);

test("what runs did within the day counts beside what a plan would do", () => {
  const done = { ...nothing, spent: { ...noChanges(), missing: 20 } };
  const uses = limitUses(plan({ more: { optOut: 3, unsubscribe: 4, missing: 5 } }), done, limits);
  expect(useOf("unsubscribe", uses)).toEqual({ limit: "unsubscribe", used: 32, allowed: 202 });
});

test("a limit is exceeded where more is used than is allowed, and only there", () => {
  for (const missing of [199, 200, 201]) {
    const planned = plan({ more: { missing } });
    const { used, allowed } = useOf("unsubscribe", limitUses(planned, nothing, limits))!;
    expect(used > allowed).toBe(findRefusals(planned, nothing, limits).length > 0);
  }
});

test("an empty list that is filled has no limit on subscribers", () => {
  const uses = limitUses(plan({}, { current: { subscribed: 0, unsubscribed: 0 } }), nothing, limits);
  expect(useOf("subscribe", uses)).toBeUndefined();
});

test("of a day whose record was lost, what nobody knows is left out", () => {
  const spent = { ...noChanges(), missing: Number.POSITIVE_INFINITY };
  const uses = limitUses(plan({}), { ...nothing, spent }, limits);
  expect(useOf("unsubscribe", uses)).toBeUndefined();
  expect(useOf("update", uses)).toEqual({ limit: "update", used: 0, allowed: 500 });
});
