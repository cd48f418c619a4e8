import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as archive from "../../functions/archive-events/outline.ts";
import { OutOfTimeError } from "../../functions/domain/errors.ts";
import * as imports from "../../functions/import-subscribers/outline.ts";
import {
  type RunDetail,
  runDetailSchema,
  runEventOf,
  runEventTypes,
} from "../../functions/platform/run-event.ts";
import type { Failure } from "../../functions/platform/run-summary.ts";
import { startedBy } from "../../functions/platform/started-by.ts";
import * as sync from "../../functions/sync-subscribers/outline.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { summaryOf } from "../../functions/sync-subscribers/summary.ts";
import type { BusEvent } from "../support/event-bus-server.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";
import { blocksIn, codeIn, readPage, sectionOf, tablesIn } from "./read-pages.ts";

const page = "docs/events.md";

describe("the page on events", () => {
  const [types, fields, counts] = tablesIn(readPage(page)).map((table) => table.slice(1));

  test("lists every type of event, and no other", () => {
    const listed = types!.map(([type = ""]) => codeIn(type)[0]);
    expect(listed.toSorted()).toEqual(Object.values(runEventTypes).toSorted());
  });

  test("lists every field of an event, and no other", () => {
    const listed = fields!.flatMap(([field = ""]) => codeIn(field));
    expect(listed.toSorted()).toEqual(fieldsOf(runDetailSchema).toSorted());
  });

  test("lists every count of each function, and no other", () => {
    const listed = counts!.map(([name = "", names = ""]) => [name, codeIn(names).toSorted()]);
    const outlines = [sync, imports, archive].map(({ outlineOf }) =>
      Object.keys(outlineOf({}).counts).toSorted(),
    );
    const functions = ["sync-subscribers", "import-subscribers", "archive-events"];
    expect(listed).toEqual(functions.map((name, n) => [name, outlines[n]]));
  });

  test("shows an event as it is put", () => {
    const [shown = ""] = blocksIn(readPage(page), "json");
    const { source, detail, ...others } = JSON.parse(shown) as BusEvent;
    expect({ source, ...others }).toEqual({ source: "newsletter-sync", "detail-type": "plan refused" });
    runDetailSchema.parse(detail);
    expect(Object.keys(detail.counts)).toEqual(Object.keys(sync.outlineOf({}).counts));
  });
});

/** The paths of a schema's fields, but for the counts, which have a table of their own. */
function fieldsOf({ shape }: typeof runDetailSchema): string[] {
  const errors = Object.keys(shape.error.unwrap().shape).map((name) => `error.${name}`);
  return Object.keys(shape).flatMap((name) => (name === "error" ? errors : [name]));
}

interface Rule {
  readonly EventPattern: Pattern;
  readonly Targets: readonly {
    readonly InputTransformer: {
      readonly InputPathsMap: Readonly<Record<string, string>>;
      readonly InputTemplate: string;
    };
  }[];
}

/** Of EventBridge's patterns, those that name values. */
interface Pattern {
  readonly [field: string]: Pattern | readonly string[];
}

const june = "2026-06-01T00:00:00Z";
const subscribers = () =>
  ["a", "b", "c"].map((name) => [`${name}@x.fr`, { subscribed: true, fields: {} }] as const);

/** What the handler puts when such a run has ended. */
async function eventOf(
  event: Parameters<SyncWorld["run"]>[0],
  {
    environment = "production",
    error,
    list = {},
    isApproved = true,
  }: {
    environment?: string;
    error?: Error;
    list?: object;
    isApproved?: boolean;
  } = {},
): Promise<BusEvent> {
  const world = new SyncWorld(subscribers(), [{ email: "a@x.fr" }], list);
  const approved = { list: "daily", mode: "apply", scheduledAt: undefined } as const;
  if (isApproved) await world.run(approved).catch(() => undefined);
  if (error !== undefined) world.openSource = () => Promise.reject(error);
  const run = testRun<SyncReport>();
  const failure = await world.run(event, run).then(
    () => undefined,
    ({ name, message, actor }: Failure) => ({ name, message, actor }),
  );
  const outcome = failure === undefined ? "succeeded" : "failed";
  const known = {
    function: "sync-subscribers",
    list: "daily",
    run: run.id,
    outcome,
    error: failure,
  } as const;
  const told = {
    summary: `daily: ${summaryOf(run.report, failure)}`,
    startedBy: startedBy(event),
    report: "key",
  };
  const { type, detail } = runEventOf({ ...known, ...told }, sync.outlineOf(run.report));
  return {
    source: "newsletter-sync",
    "detail-type": type,
    detail: runDetailSchema.parse({ environment, ...detail }),
  };
}

const scheduled = { mode: "apply", scheduledAt: june } as const;
const byHand = { mode: "apply" } as const;
const strict = { limits: { unsubscribe: { ratio: 0, floor: 0 } } };
const down = new OutOfTimeError("nothing was read");
const events = {
  "a good run": () => eventOf(scheduled),
  "a first plan": () => eventOf(scheduled, { isApproved: false }),
  "a refused plan": () => eventOf(scheduled, { list: strict }),
  "a failure": () => eventOf(scheduled, { error: down }),
  "a failure by hand": () => eventOf(byHand, { error: down }),
  "a failure in staging": () => eventOf(scheduled, { error: down, environment: "staging" }),
};

describe.each([
  ["Slack", ["a refused plan", "a failure", "a failure by hand"], slackText],
  ["Teams", ["a refused plan"], teamsText],
  ["PagerDuty", ["a failure", "a failure in staging"], pagerText],
] as const)("the rule for %s", (name, matched, textOf) => {
  const [block = ""] = blocksIn(sectionOf(page, name), "json");
  const template = JSON.parse(block);
  const rule: Rule = template.Resources.Rule.Properties;

  test(`takes ${matched.join(", ")}, and nothing else`, async () => {
    const taken: string[] = [];
    for (const [kind, put] of Object.entries(events)) {
      if (isMatched(rule.EventPattern, { ...(await put()) })) taken.push(kind);
    }
    expect(taken).toEqual(matched);
  });

  test("sends JSON that holds the summary, whatever is in it", async () => {
    const event = await events[matched[0]]();
    const { summary } = event.detail;
    expect(JSON.stringify(textOf(transform(rule, event)))).toContain(JSON.stringify(summary).slice(1, -1));
  });
});

function slackText({ channel, text, blocks }: Record<string, unknown>): unknown {
  return { channel, text, blocks };
}

function teamsText({ type, attachments }: Record<string, unknown>): unknown {
  expect(type).toBe("message");
  return attachments;
}

function pagerText({ event_action, dedup_key, payload }: Record<string, unknown>): unknown {
  expect({ event_action, dedup_key }).toEqual({
    event_action: "trigger",
    dedup_key: "newsletter-sync production sync-subscribers daily",
  });
  return payload;
}

function isMatched(pattern: Pattern, event: Record<string, unknown>): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = event[field];
    if (Array.isArray(wanted)) return wanted.includes(value);
    return isMatched(wanted as Pattern, (value ?? {}) as Record<string, unknown>);
  });
}

/** As EventBridge fills in a template: a name within a text gives its characters, any other a text with quotes. */
function transform({ Targets }: Rule, event: BusEvent): Record<string, unknown> {
  const { InputPathsMap, InputTemplate } = Targets[0]!.InputTransformer;
  const pickedBy = (name: string) => {
    const keys = InputPathsMap[name]!.replace("$.", "").split(".");
    return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], event) as string;
  };
  const filled = InputTemplate.replaceAll(/<(\w+)>/g, (_, name, at) => {
    const isWhole = InputTemplate[at - 1] === ":";
    return isWhole ? JSON.stringify(pickedBy(name)) : pickedBy(name);
  });
  return JSON.parse(filled);
}

test("no event holds an address", async () => {
  for (const put of Object.values(events)) {
    const { detail }: { detail: RunDetail } = await put();
    expect(JSON.stringify(detail)).not.toContain("@");
  }
});

const linter = "cfn-lint";
const isInstalled = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, linter)));

test.skipIf(!isInstalled)(
  "cfn-lint finds nothing in the rules (skipped if it is not installed)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-test-"));
    const files = ["Slack", "Teams", "PagerDuty"].map((name) => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, blocksIn(sectionOf(page, name), "json")[0] ?? "");
      return file;
    });
    expect(execFileSync(linter, ["--", ...files], { encoding: "utf8" })).toBe("");
  },
  120_000,
);
