import { expect, test } from "vitest";
import type { Refusal } from "../../functions/domain/safety.ts";
import { planMarkdown } from "../../functions/planning/plan-markdown.ts";
import { left, planOf, subscribe, unsubscribe } from "./sample-plan.ts";

const event = { list: "daily", apply: "20260301T090000Z-07a615b6" };
const refusal: Refusal = {
  limit: "unsubscribe",
  groups: ["missing"],
  message: "it would unsubscribe 79 of 100",
};

test("a page has the numbers, what waits and how it is approved, the samples, and what is kept", () => {
  const { plan, samples } = planOf([unsubscribe, left], { kept: { grace: 8, optedOut: 40 } });
  const waiting = { refusals: [refusal], event: { ...event, approve: ["unsubscribe" as const] } };
  expect(planMarkdown(plan, samples, waiting)).toBe(`# daily: unsubscribe 1; kept 48; returns 1

Plan 20260301T090000Z-07a615b6, made at 2026-03-01T09:00:00.000Z for the database as it was at 2026-03-01T08:59:00.000Z. It can be approved until 2026-03-02T09:00:00.000Z.

## What waits for a person

- limit \`unsubscribe\` (missing): it would unsubscribe 79 of 100

If that is right, this event approves it:

    {"list":"daily","apply":"20260301T090000Z-07a615b6","approve":["unsubscribe"]}

## return: 1

      Chloe@example.fr  unsubscribed at the provider, cause READER  unsubscribed cause=READER at=2026-03-01T09:00Z

## unsubscribe: 1

      hugo@example.fr  unsubscribed in the database  cause=PUBLISHER

## kept: 48

- \`optedOut\`: 40
- \`grace\`: 8
`);
});

test("the page of a plan that exceeds no limit shows the event that applies it", () => {
  const { plan, samples } = planOf([unsubscribe]);
  const text = planMarkdown(plan, samples, { refusals: [], event });
  expect(text).toContain(
    `It exceeds no limit. If its own run does not apply it, this event does:\n\n    ${JSON.stringify(event)}\n`,
  );
});

test("the page of a plan without changes asks for nothing", () => {
  const { plan, samples } = planOf([], { kept: { grace: 1 } });
  const text = planMarkdown(plan, samples, { refusals: [], event });
  expect(text).toMatch(/^# daily: nothing to do; kept 1\n/);
  expect(text).not.toContain("event");
});

test.each([
  "a|b@x.fr",
  "`a`@x.fr",
  "```\n# heading\n```",
  "\n\n# heading",
  "<script>alert(1)</script>",
  "![](https://example.com/pixel)",
  "\\|*_[link](https://example.com)",
  "\u202e\u2028\u0085\u000b",
])("no value of a row is Markdown: %j stays in its indented block, on its line", (wild) => {
  const linesOf = (text: string) => {
    const told = { ...left, email: text, fields: { [text]: text } };
    const { plan, samples } = planOf([subscribe(text, { [text]: text }), told]);
    return planMarkdown(plan, samples, { refusals: [], event }).split("\n");
  };
  const lines = linesOf(wild);
  const prose = (all: string[]) => all.filter((line) => !line.startsWith("    "));
  expect(prose(lines)).toEqual(prose(linesOf("a@x.fr")));
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  if (/^[\x21-\x7e]+$/.test(wild)) expect(lines.join("\n")).toContain(`      ${wild}  `);
});
