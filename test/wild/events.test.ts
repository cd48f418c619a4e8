import { fc, test as property } from "@fast-check/vitest";
import type { Context } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as z from "zod";
import { archiveEventSchema } from "../../functions/archive-events/event.ts";
import { InvalidEventError } from "../../functions/domain/errors.ts";
import { importEventSchema } from "../../functions/import-subscribers/event.ts";
import { createHandler } from "../../functions/platform/create-handler.ts";
import { syncEventSchema } from "../../functions/sync-subscribers/event.ts";
import { InMemoryStore } from "../support/in-memory-store.ts";
import { confidential, isPlacedIn, mutatedJson } from "./mutated-json.ts";
import { nestedJson } from "./wild-json.ts";

const lambda = {
  awsRequestId: "01234567-89ab-cdef-0123-456789abcdef",
  functionName: "wild",
  getRemainingTimeInMillis: () => 60_000,
} as Context;

let printed: string[] = [];
beforeEach(() => {
  printed = [];
  vi.stubEnv("POWERTOOLS_DEV", "true");
  for (const method of ["log", "info", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((line) => void printed.push(String(line)));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const goodEvent = { list: "daily" };

/** Invokes a function that only validates its event. @returns the event as accepted, or the error */
async function invoke(schema: z.ZodType<object>, event: unknown): Promise<object> {
  let accepted: object = {};
  const handler = createHandler<object, { store: InMemoryStore }, object>({
    name: "wild",
    event: { schema, good: goodEvent },
    buildDependencies: async () => ({ store: new InMemoryStore() }),
    subjectOf: () => "daily",
    isRoutine: () => true,
    metricsOf: () => ({}),
    summarise: () => "done",
    run: async (event) => {
      accepted = event;
    },
  });
  return await handler(event, lambda).then(
    () => accepted,
    (error: Error) => error,
  );
}

const events: readonly (readonly [
  name: string,
  schema: z.ZodType<object>,
  good: object,
  defaults: object,
])[] = [
  ["sync-subscribers", syncEventSchema, { list: "daily", mode: "plan" }, {}],
  ["sync-subscribers, of a plan", syncEventSchema, { list: "daily", apply: "20260101T000000Z-01234567" }, {}],
  ["import-subscribers", importEventSchema, { list: "daily", dryRun: true }, {}],
  [
    "import-subscribers, of a plan",
    importEventSchema,
    { list: "daily", apply: "20260101T000000Z-01234567", approve: ["subscribe"] },
    {},
  ],
  ["archive-events, of a day", archiveEventSchema, { date: "2018-02-15", events: ["nl_click"] }, {}],
  [
    "archive-events, of days",
    archiveEventSchema,
    { from: "2018-02-15", to: "2018-03-01", events: ["nl_send"] },
    {},
  ],
];

describe.each(events)("an event of %s", (_, schema, good, defaults) => {
  property.prop([mutatedJson(good)], { numRuns: 100 })(
    "is accepted as it was sent, or refused by fields that it has, without a value",
    async (event) => {
      const outcome = await invoke(schema, event);
      if (outcome instanceof Error) expectRefusal(outcome, event);
      else expect(outcome).toEqual({ ...defaults, ...(event as object) });
      expect(printed.join("\n")).not.toMatch(confidential);
    },
  );

  test.each([
    '{"__proto__":{"list":"daily","mode":"plan","date":"2018-02-15"}}',
    JSON.stringify(good).replace("{", '{"__proto__":{},'),
    JSON.stringify(good).replace("{", '{"constructor":"x",'),
    "null",
    "[]",
    '"plan"',
    "0",
  ])("is refused when it is %s", async (json) => {
    expectRefusal(await invoke(schema, JSON.parse(json)), JSON.parse(json));
  });

  test("is refused when it is deeply nested", async () => {
    const json = nestedJson(200_000);
    expect(await invoke(schema, JSON.parse(json))).toBeInstanceOf(InvalidEventError);
    const nested = JSON.stringify(good).replace("{", `{"list":${json},"events":${json},`);
    expect(await invoke(schema, JSON.parse(nested))).toBeInstanceOf(InvalidEventError);
  });
});

function expectRefusal(error: object, event: unknown): void {
  expect(error).toBeInstanceOf(InvalidEventError);
  const { message } = error as InvalidEventError;
  const [, told = ""] =
    /^the event is not right: (.*)\. A good event: \{"list":"daily"\}$/s.exec(message) ?? [];
  expect(told).not.toBe("");
  expect(message).not.toMatch(confidential);
  const problems = told.split("; ");
  expect(problems.filter((problem) => !isPlacedIn(event, problem))).toEqual([]);
}

property.prop([fc.string({ unit: "binary", minLength: 1 })], { numRuns: 100 })(
  "an unknown field whose name may be an address is refused and not shown",
  async (name) => {
    const event = { list: "daily", mode: "plan", [`${name}@`]: 1 };
    const outcome = await invoke(syncEventSchema, event);
    expect(outcome).toHaveProperty(
      "message",
      expect.stringContaining("unknown field whose name is not shown"),
    );
  },
);
