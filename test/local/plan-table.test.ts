import { describe, expect, test } from "vitest";
import type { Change } from "../../functions/domain/plan.ts";
import type { Return } from "../../functions/domain/return.ts";
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

const left: Return = {
  kind: "return",
  tells: "unsubscribed",
  address: "chloe@example.fr",
  email: "Chloe@example.fr",
  reason: "unsubscribed at the provider, cause READER",
  cause: "READER",
  changedAt: "2026-03-01T09:00:12.345Z",
  guid: "3",
};
const came: Return = {
  kind: "return",
  tells: "subscribed",
  address: "jules@example.fr",
  email: "jules@example.fr",
  reason: "subscribed at the provider",
  fields: { data_firstname: "Jules" },
};

const none = { rows: [], total: 0 };
const all = <Row>(rows: readonly Row[]) => ({ rows, total: rows.length });
const linesOf = (changes: Change[], width?: number) =>
  renderPlan({ returns: none, changes: all(changes) }, width).split("\n");
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
    const text = renderPlan({ returns: all([left]), changes: { rows: [unsubscribe], total: 5001 } });
    expect(text.match(/… and .*/g)).toEqual(["… and 5,000 more"]);
    expect(renderPlan({ returns: none, changes: none })).toBe("  nothing to do: both sides agree");
  });

  test("shows what the database is told before what is sent, each with a head of its own", () => {
    const text = renderPlan({ returns: all([left, came]), changes: all([unsubscribe]) });
    expect(text.split("\n")).toEqual([
      "  return        address           the database is told",
      "                reason",
      "  ────────────  ────────────────  ─────────────────────────────────",
      "  unsubscribed  Chloe@example.fr  cause=READER at=2026-03-01T09:00Z",
      "                unsubscribed at the provider, cause READER",
      "  subscribed    jules@example.fr  data_firstname=Jules",
      "                subscribed at the provider",
      "",
      "  change       address          fields sent",
      "               reason",
      "  ───────────  ───────────────  ─────────────────────────────────────────────",
      "  unsubscribe  hugo@example.fr  subscribed=false unsubscribed_cause=PUBLISHER",
      "               unsubscribed in the database",
    ]);
    expect(renderPlan({ returns: all([left]), changes: none })).not.toContain("fields sent");
  });
});
