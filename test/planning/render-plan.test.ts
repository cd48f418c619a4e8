import { describe, expect, test } from "vitest";
import type { Change } from "../../functions/domain/plan.ts";
import type { Return } from "../../functions/domain/return.ts";
import { type RenderOptions, renderPlan } from "../../functions/planning/render-plan.ts";
import { left, type PlanOptions, planOf, subscribe, unsubscribe } from "./sample-plan.ts";

const came: Return = {
  kind: "return",
  tells: "subscribed",
  address: "jules@example.fr",
  email: "jules@example.fr",
  reason: "subscribed at the provider",
  fields: { data_firstname: "Jules" },
};
const saw = { subscribed: true, fields: { data_firstname: "Old" } };
const update: Change = {
  kind: "update",
  email: "anna@example.fr",
  reason: "differs in data_firstname",
  fields: { data_firstname: "Anna" },
  saw,
};
const fill: Change = { ...update, saw: { subscribed: true, fields: {} } };
const missing: Change = { ...unsubscribe, missing: true, reason: "not in the database" } as Change;
const long = subscribe(`${"a".repeat(60)}@example.fr`, { guid: "1", data_firstname: "b".repeat(200) });

function linesOf(rows: readonly (Change | Return)[], options: Partial<RenderOptions & PlanOptions> = {}) {
  const { plan, samples } = planOf(rows, options);
  return renderPlan(plan, samples, { width: 80, ...options }).split("\n");
}
const widest = (lines: string[]) => Math.max(...lines.map((line) => [...line].length));

describe("the first line", () => {
  test.each([
    [[], {}, "nothing to do"],
    [[], { kept: { grace: 40, optedOut: 1208 } }, "nothing to do; kept 1,248"],
    [[left], {}, "returns 1"],
    [[missing, unsubscribe], { more: { missing: 19 } }, "unsubscribe 21"],
    [
      [unsubscribe, subscribe("a@x.fr"), update, fill, left, came],
      { kept: { grace: 48 }, more: { subscribe: 339 } },
      "unsubscribe 1, subscribe 340, update 2; kept 48; returns 2",
    ],
  ])("counts by kind what the plan does and leaves", (rows, options, line) => {
    expect(linesOf(rows, options)[0]).toBe(line);
  });
});

test("no number of the first line is cut: it goes on below", () => {
  const million = 999_999;
  const lines = linesOf([missing, subscribe("a@x.fr"), update, left], {
    kept: { optedOut: million },
    more: { missing: million, subscribe: million, update: million, return: million },
    width: 40,
  });
  expect(lines.slice(0, lines.indexOf("")).join(" ")).toBe(
    "unsubscribe 1,000,000, subscribe 1,000,000, update 1,000,000; kept 999,999; returns 1,000,000",
  );
  expect(widest(lines)).toBeLessThanOrEqual(40);
});

test("who is kept is told by reason, after all groups", () => {
  const lines = linesOf([unsubscribe], { kept: { optedOut: 1208, grace: 40 } });
  expect(lines.slice(-3)).toEqual(["", "kept: 1,248", "  optedOut 1,208, grace 40"]);
});

test("letters of two columns do not push what stands beside them out of line", () => {
  const rows = [subscribe("太郎@x.fr", { guid: "1" }), subscribe("anna@x.fr", { guid: "2" })];
  expect(linesOf(rows).slice(3)).toEqual([
    "  太郎@x.fr  not at the provider  guid=1",
    "  anna@x.fr  not at the provider  guid=2",
  ]);
});

test("each group has the first of its rows with their reasons, in the order of delivery", () => {
  expect(
    linesOf([fill, update, subscribe("léa@example.fr", { guid: "10" }), missing, unsubscribe, came]),
  ).toEqual([
    "unsubscribe 2, subscribe 1, update 2; returns 1",
    "",
    "return: 1",
    "  jules@example.fr  subscribed at the provider  subscribed data_firstname=Jules",
    "",
    "unsubscribe: 1",
    "  hugo@example.fr  unsubscribed in the database  cause=PUBLISHER",
    "",
    "unsubscribe (missing): 1",
    "  hugo@example.fr  not in the database  cause=PUBLISHER",
    "",
    "subscribe: 1",
    "  léa@example.fr  not at the provider  guid=10",
    "",
    "update: 1",
    "  anna@example.fr  differs in data_firstname  data_firstname=Anna",
    "",
    "update (fill): 1",
    "  anna@example.fr  differs in data_firstname  data_firstname=Anna",
  ]);
});

test("the columns of a group are aligned where every row fits into a line", () => {
  expect(linesOf([subscribe("a@x.fr", { guid: "1" }), subscribe("anna@example.fr")]).slice(3)).toEqual([
    "  a@x.fr           not at the provider  guid=1",
    "  anna@example.fr  not at the provider",
  ]);
});

test("a return says what changed when, to the minute", () => {
  expect(linesOf([left]).slice(2)).toEqual([
    "return: 1",
    "  Chloe@example.fr  unsubscribed at the provider, cause READER",
    "    unsubscribed cause=READER at=2026-03-01T09:00Z",
  ]);
});

test("a group says how many rows it does not show", () => {
  expect(linesOf([unsubscribe], { more: { unsubscribe: 4999 } }).at(-1)).toBe("  … and 4,999 more");
});

test.each([40, 60, 80, 100, 140, 200])("no line is longer than %s columns: long values are cut", (width) => {
  const lines = linesOf([unsubscribe, left, long], { width });
  expect(widest(lines)).toBeLessThanOrEqual(width);
  expect(lines.join("\n")).toContain("…");
});

test("an address is cut only where a line cannot hold it", () => {
  expect(linesOf([long]).join("\n")).toContain(long.email);
});

test("a wider terminal shows more of a long value", () => {
  const shown = (width: number) => /b{9,}/.exec(linesOf([long], { width }).join(""))?.[0].length ?? 0;
  expect(shown(200)).toBeGreaterThan(shown(80) + 60);
});

test.each([
  ["\u001b[2J", "<U+001B>[2J"],
  ["\r\n", "<U+000D><U+000A>"],
  ["\u0085", "<U+0085>"],
  ["\u2028", "<U+2028>"],
  ["\u202e", "<U+202E>"],
  ["\u2066", "<U+2066>"],
  ["\u200b", "<U+200B>"],
  ["\ud800", "<U+D800>"],
  ["\u{e0041}", "<U+E0041>"],
])("what cannot be seen in a value is named, and controls nothing", (unseen, shown) => {
  const rows = [subscribe(`x${unseen}y@example.fr`, { [`data_${unseen}`]: `b${unseen}c` })];
  const text = linesOf(rows).slice(3).join("\n");
  expect(text).toContain(`x${shown}y@example.fr`);
  expect(text).toContain(`data_${shown}=b${shown}c`);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
});

test("colours change nothing else", () => {
  const rows = [unsubscribe, left, long, subscribe("a@x.fr")];
  const roles: string[] = [];
  const paint = (role: string, text: string) => {
    roles.push(role);
    return `<${text}>`;
  };
  expect(linesOf(rows, { paint }).map((line) => line.replaceAll(/[<>]/g, "").trimEnd())).toEqual(
    linesOf(rows),
  );
  expect(new Set(roles)).toEqual(new Set(["headline", "return", "unsubscribe", "subscribe", "reason"]));
});
