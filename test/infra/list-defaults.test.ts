import { expect, test } from "vitest";
import { functionConfiguration, parseConfiguration, parseDeployment } from "../../infra/config.ts";

const provider = { kind: "ownpage", secret: "newsletter-sync/ownpage" };
const source = { kind: "postgres", secret: "newsletter-sync/database" };
const query = "select email from readers";
const csv = { kind: "csv", uri: "s3://our-exports/weekly.csv" };

const parse = (defaults: object, lists: object) => parseConfiguration({ provider, defaults, lists });
const problemOf = (defaults: unknown, lists: object): string => {
  try {
    parseDeployment({ provider, defaults, lists });
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("a list takes what it does not say itself from the defaults, block by block", () => {
  const defaults = {
    source,
    sync: { schedule: "rate(1 hour)" },
    limits: { unsubscribe: { ratio: 0.05 }, update: { ratio: 1 } },
    graceHours: 48,
  };
  const { lists } = parse(defaults, {
    daily: { id: 1, source: { query }, limits: { unsubscribe: { floor: 50 } } },
    weekly: {
      id: 2,
      source: { query, host: "db.example.fr" },
      sync: { schedule: "rate(2 hours)" },
      graceHours: 0,
    },
  });
  expect(lists["daily"]).toMatchObject({
    source: { ...source, query },
    sync: { schedule: "rate(1 hour)" },
    limits: { unsubscribe: { ratio: 0.05, floor: 50 }, update: { ratio: 1, floor: 500 } },
    graceHours: 48,
  });
  expect(lists["weekly"]).toMatchObject({
    source: { ...source, query, host: "db.example.fr" },
    sync: { schedule: "rate(2 hours)" },
    graceHours: 0,
  });
});

test("a block of another kind replaces the default, whose fields it does not have", () => {
  const { lists } = parse(
    { source: { ...source, query } },
    { daily: { id: 1 }, weekly: { id: 2, source: csv } },
  );
  expect(lists["daily"]!.source).toEqual({ ...source, query });
  expect(lists["weekly"]!.source).toMatchObject(csv);
  expect(Object.keys(lists["weekly"]!.source)).not.toContain("query");
});

test("an array is not merged: the list's own counts", () => {
  const { lists } = parse(
    { source: csv, providerFields: ["data_a"] },
    { daily: { id: 1, providerFields: ["data_b"] } },
  );
  expect(lists["daily"]!.providerFields).toEqual(["data_b"]);
});

test("null takes a default back", () => {
  const defaults = { source: csv, sync: { schedule: "rate(1 hour)" }, limits: { update: { ratio: 1 } } };
  const { lists } = parse(defaults, { daily: { id: 1, sync: null, limits: { update: null } } });
  expect(lists["daily"]!.sync).toBeUndefined();
  expect(lists["daily"]!.limits.update).toEqual({ ratio: 0.2, floor: 500 });
});

test("a provider's block is merged with that of the defaults, and not with the shared one", () => {
  const own = { kind: "ownpage", secret: "newsletter-sync/other" };
  const { lists } = parse(
    { source: csv, provider: own },
    { daily: { id: 1, provider: { concurrency: 2 } }, weekly: { id: 2 } },
  );
  expect(lists["daily"]!.provider).toMatchObject({ ...own, concurrency: 2 });
  expect(lists["weekly"]!.provider).toMatchObject({ ...own, concurrency: 4 });
  expect(problemOf({ source: csv }, { daily: { id: 1, provider: { concurrency: 2 } } })).toContain(
    "lists.daily.provider",
  );
});

test("the functions are told the lists as they are, and nothing of the defaults", () => {
  const configuration = parse({ source: csv, graceHours: 48 }, { daily: { id: 1 } });
  expect(functionConfiguration(configuration, "sync-subscribers")).toMatchObject({
    lists: { daily: { source: csv, graceHours: 48 } },
  });
  expect(JSON.stringify(functionConfiguration(configuration, "sync-subscribers"))).not.toContain("defaults");
});

const lists = { daily: { id: 1 }, weekly: { id: 2 }, monthly: { id: 3 } };

test.each<[string, object, string]>([
  ["a wrong value", { source: csv, graceHours: -1 }, "defaults.graceHours: "],
  [
    "a wrong value within a block",
    { source: csv, limits: { update: { ratio: 2 } } },
    "defaults.limits.update.ratio: ",
  ],
  [
    "an unknown field",
    { source: csv, graceHour: 1 },
    'defaults: unknown field "graceHour" (did you mean "graceHours"?)',
  ],
  [
    "an unknown field within a block",
    { source: { ...csv, url: "" } },
    'defaults.source: unknown field "url" (did you mean "uri"?)',
  ],
  ["an unknown kind", { source: { kind: "mysql" } }, "defaults.source.kind: "],
  [
    "a file of this machine",
    { source: { kind: "csv", uri: "file:///weekly.csv" } },
    "defaults.source.uri: expected s3://bucket/key",
  ],
  [
    "what a list has no use for",
    { source: csv, joinKnown: "always" },
    "defaults.joinKnown: the list's provider has no use for it (in lists.daily)",
  ],
])("%s in the defaults is told once, and there", (_, defaults, problem) => {
  const lines = problemOf(defaults, lists).split("\n  ").slice(1);
  expect(lines).toEqual([expect.stringContaining(problem)]);
});

test("a list's own mistake is told of the list", () => {
  const told = problemOf(
    { source: csv, graceHours: 1 },
    { daily: { id: 1, graceHours: -1 }, weekly: { id: 2, sync: {} } },
  );
  expect(told).toContain("lists.daily.graceHours: ");
  expect(told).toContain("lists.weekly.sync.schedule: missing");
  expect(told).not.toContain("defaults.");
});

test("what neither says is missing in the list", () => {
  expect(problemOf({ source }, { daily: { id: 1 } })).toContain("lists.daily.source.query: missing");
  expect(problemOf("rate(1 hour)", { daily: { id: 1, source: csv } })).toContain("defaults: ");
});
