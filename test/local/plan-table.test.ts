import { describe, expect, test } from "vitest";
import type { Change } from "../../functions/domain/plan.ts";
import { renderPlan } from "../../infra/local/plan-table.ts";

const subscribe = (email: string, fields: Record<string, string> = {}): Change => ({
  kind: "subscribe",
  email,
  reason: "not at the provider",
  fields,
  saw: null,
});
const unsubscribe: Change = {
  kind: "unsubscribe",
  email: "hugo@example.fr",
  reason: "unsubscribed in the database",
  cause: "PUBLISHER",
  saw: { subscribed: true, fields: {} },
};
const long = subscribe(`${"a".repeat(60)}@example.fr`, { guid: "1", data_firstname: "b".repeat(200) });

const linesOf = (changes: Change[], width?: number) =>
  renderPlan({ changes, total: changes.length }, width).split("\n");
const widest = (lines: string[]) => Math.max(...lines.map((line) => [...line].length));

describe("the table of a plan", () => {
  test("has a line for each change where the terminal is wide enough", () => {
    expect(linesOf([unsubscribe, subscribe("léa@example.fr", { guid: "10" })], 110)).toEqual([
      "  change       address          fields sent                                    reason",
      "  ───────────  ───────────────  ─────────────────────────────────────────────  ────────────────────────────",
      "  unsubscribe  hugo@example.fr  subscribed=false unsubscribed_cause=PUBLISHER  unsubscribed in the database",
      "  subscribe    léa@example.fr   guid=10                                        not at the provider",
    ]);
  });

  test("has the reason on a line of its own in 80 columns", () => {
    const lines = linesOf([unsubscribe]);
    expect(lines).toEqual([
      "  change       address          fields sent",
      "               reason",
      "  ───────────  ───────────────  ─────────────────────────────────────────────",
      "  unsubscribe  hugo@example.fr  subscribed=false unsubscribed_cause=PUBLISHER",
      "               unsubscribed in the database",
    ]);
  });

  test.each([60, 80, 100, 140, 200])("is no wider than %s columns: long values are cut", (width) => {
    const lines = linesOf([unsubscribe, long], width);
    expect(widest(lines)).toBeLessThanOrEqual(width);
    expect(lines.join("\n")).toContain("…");
  });

  test("shows more of a long value in a wider terminal", () => {
    const shown = (width: number) => /b{9,}/.exec(linesOf([long], width).join(""))?.[0].length ?? 0;
    expect(shown(200)).toBeGreaterThan(shown(80) + 60);
  });

  test("holds nothing that could control the terminal", () => {
    const lines = linesOf([subscribe("x@example.fr", { data_firstname: "\u001b[2Jred\r\nx\u0007" })]);
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  });

  test("says how many changes it does not show, and that there are none", () => {
    expect(renderPlan({ changes: [unsubscribe], total: 5001 })).toContain("… and 5,000 more");
    expect(renderPlan({ changes: [], total: 0 })).toBe("  nothing to do: both sides agree");
  });
});
