import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test as property } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { archiveConfigurationSchema, listsConfigurationSchema } from "../../functions/configuration.ts";
import { ConfigurationError } from "../../functions/domain/errors.ts";
import { configurationFile, readConfiguration } from "../../functions/platform/environment.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { context } from "../infra/example.ts";
import { failureOf } from "../sources/outcomes.ts";
import { changedAt, confidential, isPlacedIn, mutatedJson, pathsOf, withField } from "./mutated-json.ts";

const good = {
  ...context.newsletter,
  existing: { providerSecret: true, archiveBucket: "archive" },
  functions: { "archive-events": { memoryMb: 1024 } },
  network: { vpcId: "vpc-1", subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
};
Object.assign(good.lists.daily, { limits: { unsubscribe: { ratio: 0.2, floor: 10 } }, batchSize: 500 });
const schemas = {
  "sync-subscribers": listsConfigurationSchema,
  "import-subscribers": listsConfigurationSchema,
  "archive-events": archiveConfigurationSchema,
};

/** A message that starts with a field. */
const place = /^\w[^:]*: /;
const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-configuration-"));
beforeAll(() => vi.stubEnv("LAMBDA_TASK_ROOT", folder));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function outcomeOf(json: unknown) {
  try {
    return parseConfiguration(json);
  } catch (error) {
    return error as Error;
  }
}

function expectRefusal({ message }: Error, json: unknown): void {
  const [title, ...problems] = message.split("\n  ");
  expect(title).toBe("the configuration is not right:");
  expect(problems).not.toEqual([]);
  expect(problems.filter((problem) => !isPlacedIn(json, problem))).toEqual([]);
  expect(message).not.toMatch(confidential);
}

/** Whether a schedule holds a confidential text: an invalid schedule is shown. */
function showsSchedule(json: unknown): boolean {
  return /"schedule":"[^"]*(jane|hunter2)/.test(JSON.stringify(json) ?? "");
}

describe("a mutated configuration", () => {
  property.prop([mutatedJson(good)], { numRuns: 250 })(
    "is accepted as it is, or refused by fields that it has, without a value",
    (json) => {
      fc.pre(!showsSchedule(json));
      const outcome = outcomeOf(json);
      if (outcome instanceof Error) expectRefusal(outcome, json);
      else expect(outcome).toMatchObject(json as object);
    },
  );

  property.prop([mutatedJson(good)], { numRuns: 100 })(
    "is accepted by every function if it is accepted at all, with the same meaning",
    (json) => {
      const outcome = outcomeOf(json);
      if (outcome instanceof Error) return;
      expect(parseConfiguration(JSON.parse(JSON.stringify(outcome)))).toEqual(outcome);
      for (const [name, schema] of Object.entries(schemas)) {
        const share = JSON.parse(JSON.stringify(functionConfiguration(outcome, name)));
        expect(schema.parse(share)).toEqual(share);
      }
    },
  );

  const share = functionConfiguration(parseConfiguration(good), "sync-subscribers") as object;
  property.prop([mutatedJson(share)], { numRuns: 250 })(
    "is refused by a function by its first invalid field, without its value",
    async (json) => {
      writeFileSync(join(folder, configurationFile), JSON.stringify(json ?? null));
      const outcome = await readConfiguration(listsConfigurationSchema).catch((error: Error) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(ConfigurationError);
        expect(outcome.message).toMatch(place);
        expect(outcome.message).not.toMatch(confidential);
      } else expect(outcome).toMatchObject(json as object);
    },
  );
});

describe("a function's configuration", () => {
  const broken = [
    "",
    "{",
    "nul",
    "null",
    "[]",
    '"jane"',
    "jane.doe@example.fr",
    '{"timeZone":"UTC","extra":1}',
  ];
  test.each(broken)("that is %j is refused with a place, without showing it", async (text) => {
    writeFileSync(join(folder, configurationFile), text);
    const error = await failureOf(readConfiguration(listsConfigurationSchema));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(place);
    expect(error.message).not.toMatch(confidential);
  });
});

describe("a name that objects inherit", () => {
  const objects = pathsOf(good).filter((path) => {
    const value = path.reduce((part: Record<string, unknown>, step) => part[step] as typeof part, good);
    return typeof value === "object" && !Array.isArray(value);
  });

  test.each(objects.map((path) => [path.join("."), path] as const))("is not a field of %j", (place, path) => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const json = changedAt(good, path, (value) => withField(value, name, { id: 9, polluted: true }));
      const outcome = outcomeOf(json);
      if (outcome instanceof Error) expect(isPlacedIn(json, outcome.message.split("\n  ")[1]!)).toBe(true);
      else
        expect([place, name, Object.keys(outcome.lists)]).toEqual([
          "lists",
          "__proto__",
          ["daily", "weekly"],
        ]);
      expect({}).not.toHaveProperty("polluted");
    }
  });

  test("may be that of a list, if it consists of letters", () => {
    const { daily, weekly } = good.lists;
    const { lists } = parseConfiguration({ ...good, lists: { constructor: daily, weekly } });
    expect(Object.entries(lists).map(([name, { id }]) => [name, id])).toEqual([
      ["constructor", 123],
      ["weekly", 124],
    ]);
  });
});

test.each([
  "+01:00",
  "-0330",
  "+01",
  "UTC+1",
  "Paris",
  "Europe/Atlantis",
  "",
  " ",
  "Z",
  "constructor",
  "Europe/Paris\n",
])("%j is not the name of a time zone", (timeZone) => {
  expect(() => parseConfiguration({ ...good, timeZone })).toThrow(
    /^ {2}timeZone: expected a time zone's name/m,
  );
});
