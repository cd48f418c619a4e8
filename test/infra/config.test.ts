import { expect, test } from "vitest";
import { listsConfigurationSchema } from "../../functions/configuration.ts";
import {
  functionConfiguration,
  parseConfiguration,
  parseDeployment,
  providerAccounts,
} from "../../infra/config.ts";
import { context, exampleWith } from "./example.ts";

const { lists } = context.newsletter;
const otherAccount = { kind: "ownpage", secret: "newsletter-sync/other" };
const constantContact = { kind: "constant-contact", secret: "newsletter-sync/constant-contact" };
const secretArn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:newsletter-sync/ownpage-AbCdEf";
const listWith = (changes: object) => ({ lists: { daily: { ...lists.daily, ...changes } } });

test("a secret that RDS manages by itself may be named", () => {
  const secret = "rds!cluster-0a1b2c3d-0000-0000-0000-000000000000";
  const { source } = exampleWith(listWith({ source: { ...lists.daily.source, secret } })).lists["daily"]!;
  expect(source).toMatchObject({ secret });
});

test("what the example leaves out has defaults", () => {
  const { functions, existing, archive } = exampleWith({});
  expect(functions).toEqual({
    "sync-subscribers": { memoryMb: 1024, timeoutMinutes: 15 },
    "import-subscribers": { memoryMb: 1024, timeoutMinutes: 15 },
    "archive-events": { memoryMb: 512, timeoutMinutes: 15 },
    "watch-runs": { memoryMb: 256, timeoutMinutes: 15 },
    "show-runs": { memoryMb: 1024, timeoutMinutes: 15 },
    "look-up-reader": { memoryMb: 1024, timeoutMinutes: 15 },
    "push-changes": { memoryMb: 1024, timeoutMinutes: 5 },
  });
  expect(existing).toEqual({ providerSecret: false, historyKey: false });
  expect(archive).toMatchObject({ lookBackDays: 7, events: { length: 7 } });
});

test.each<[string, object, string]>([
  [
    "an unknown field",
    { lists: { daily: { ...lists.daily, limit: 1 } } },
    'lists.daily: unknown field "limit" (did you mean "limits"?): the fields are id, provider,',
  ],
  [
    "an unknown field at the top",
    { alarmMail: "x@example.fr" },
    'unknown field "alarmMail" (did you mean "alarmEmail"?): the fields are timeZone, provider, lists,',
  ],
  ["a bad address", { alarmEmail: "ops" }, "alarmEmail: Invalid email address"],
  [
    "a bad environment",
    { environment: "Staging" },
    "environment: expected lower-case letters, digits and hyphens",
  ],
  ["an account as a number", { account: 123456789012 }, "account: Invalid input: expected string"],
  ["a bad region", { region: "Paris" }, 'region: expected a region, such as "eu-west-3"'],
  [
    "a tag of AWS's",
    { tags: { "aws:team": "x" } },
    'tags.aws:team: expected 1 to 128 characters that do not begin with "aws:"',
  ],
  [
    "the ARN of a provider's secret",
    { provider: { kind: "ownpage", secret: secretArn } },
    "provider.secret: expected a secret's name, not its ARN",
  ],
  [
    "the ARN of an account's secret at another provider",
    listWith({ provider: { kind: "constant-contact", secret: secretArn } }),
    "lists.daily.provider.secret: expected a secret's name, not its ARN",
  ],
  [
    "the ARN of a database's secret",
    listWith({ source: { kind: "postgres", secret: secretArn, query: "select email from readers" } }),
    "lists.daily.source.secret: expected a secret's name, not its ARN",
  ],
  [
    "a URL for a database's host",
    listWith({ source: { ...lists.daily.source, host: "postgres://reader:s3cret@db/news" } }),
    "lists.daily.source.host: has to be the server's name alone: no URL, no port",
  ],
  [
    "the ARN of a secret that exists",
    { existing: { providerSecret: [secretArn] } },
    "existing.providerSecret.0: expected a secret's name, not its ARN",
  ],
  [
    "an alias of a key",
    { kmsKeyArn: "arn:aws:kms:eu-west-3:123456789012:alias/ours" },
    "kmsKeyArn: expected the ARN of a key, not of an alias",
  ],
  ["a bad URL", { runbookUrl: "docs" }, "runbookUrl: Invalid URL"],
  ["a missing schedule", listWith({ sync: {} }), "lists.daily.sync.schedule: "],
  [
    "a bad schedule",
    listWith({ sync: { schedule: "hourly" } }),
    'lists.daily.sync.schedule: expected "rate(1 hour)" or "cron(0 5 ? * MON *)", in "hourly"',
  ],
  [
    "a rate of zero",
    listWith({ sync: { schedule: "rate(0 hours)" } }),
    "lists.daily.sync.schedule: expected a whole number above 0",
  ],
  [
    "a singular with a plural s",
    listWith({ import: { schedule: "rate(1 hours)" } }),
    "lists.daily.import.schedule: expected a whole number above 0 and its unit",
  ],
  [
    "a cron with five fields",
    { archive: { schedule: "cron(30 4 * * ?)" } },
    "archive.schedule: has 5 fields; expected six",
  ],
  [
    "two lists with one id",
    { lists: { daily: lists.daily, weekly: { ...lists.weekly, id: 123 } } },
    "lists.weekly.id: has the id 123, as lists.daily has",
  ],
  [
    "two lists with one id at one account, however it is named",
    {
      lists: {
        daily: lists.daily,
        weekly: {
          ...lists.weekly,
          id: 123,
          provider: { ...otherAccount, secret: "newsletter-sync/ownpage" },
        },
      },
    },
    "lists.weekly.id: has the id 123, as lists.daily has",
  ],
  [
    "an id that the list's provider does not take",
    listWith({ id: "7e0b" }),
    "lists.daily.id: expected a whole",
  ],
  ["a number that is no list's id", listWith({ id: 0 }), "lists.daily.id: expected a number above 0"],
  [
    "an id that no provider takes",
    listWith({ id: { number: 1 } }),
    "lists.daily.id: expected the list's id at its provider",
  ],
  [
    "an import without the list's id",
    { lists: { weekly: { ...lists.weekly, id: undefined } } },
    "lists.weekly.id: an import needs it",
  ],
  ["no provider", { provider: undefined }, "provider: missing, expected object"],
  [
    "a provider of another kind",
    { provider: { kind: "megaphone", secret: "x" } },
    "provider.kind: Invalid discriminator value. Expected 'ownpage'",
  ],
  [
    "a list's provider without a secret's name",
    listWith({ provider: { kind: "ownpage" } }),
    "lists.daily.provider.secret: missing, expected string",
  ],
  ["a missing secret's name", { provider: { kind: "ownpage" } }, "provider.secret: missing, expected string"],
  [
    "a database without its secret",
    listWith({ source: { kind: "postgres", query: "select 1" } }),
    "lists.daily.source.secret: missing, expected string",
  ],
  [
    "a place for returns of another kind",
    listWith({ returns: { kind: "mysql" } }),
    "lists.daily.returns.kind: Invalid discriminator value. Expected 'postgres' | 'csv'",
  ],
  [
    "an unknown field of returns",
    listWith({ returns: { kind: "csv", uri: "s3://our-imports/daily.csv" } }),
    'lists.daily.returns: unknown field "uri": the fields are kind',
  ],
  [
    "returns to a database without statements",
    listWith({ returns: { kind: "postgres", secret: "writer", statements: [] } }),
    "lists.daily.returns.statements: expected one statement at least",
  ],
  [
    "readers who are to be returned to nowhere",
    listWith({ onlyAtProvider: "return" }),
    'lists.daily.onlyAtProvider: "return" needs "returns", which says where to',
  ],
  [
    "a field of the provider's that no source has",
    listWith({ providerFields: ["email"] }),
    'lists.daily.providerFields.0: expected a name that begins with "data_"',
  ],
  [
    "an archive of a provider that has no files of events",
    { provider: constantContact, archive: { schedule: "rate(1 day)" } },
    "archive.schedule: this provider has no files of events, so there is nothing to archive",
  ],
  [
    "an id that its provider does not have",
    listWith({ provider: constantContact }),
    "lists.daily.id: expected the list's id, a UUID",
  ],
  [
    "a choice that the list's provider does not give",
    listWith({ joinKnown: "always" }),
    "lists.daily.joinKnown: the list's provider has no use for it",
  ],
  [
    "an event that does not exist",
    { archive: { events: ["nl_open"] } },
    "archive.events.0: Invalid option: expected one of",
  ],
  ["a function that does not exist", { functions: { sync: {} } }, 'functions: unknown field "sync"'],
  [
    "more time than Lambda allows",
    { functions: { "archive-events": { timeoutMinutes: 20 } } },
    "functions.archive-events.timeoutMinutes: Too big: expected number to be <=15",
  ],
  ["an unknown thing that exists", { existing: { topic: true } }, 'existing: unknown field "topic"'],
  [
    "a bucket named by its ARN",
    { existing: { archiveBucket: "arn:aws:s3:::archive" } },
    "existing.archiveBucket: expected a bucket's name, not its ARN or URL",
  ],
])("%s is refused, with the field and what was expected there", (_, changes, problem) => {
  expect(() => parseConfiguration({ ...context.newsletter, ...changes })).toThrow(problem);
});

test("without an archive in the configuration, there is one without a schedule", () => {
  const { archive } = exampleWith({ archive: undefined });
  expect(archive).toMatchObject({ lookBackDays: 7, events: { length: 7 } });
  expect(archive).not.toHaveProperty("schedule");
});

test("all problems are reported at once", () => {
  const wrong = { ...context.newsletter, timeZone: "Paris", archive: { lookBackDays: 0 } };
  expect(() => parseConfiguration(wrong)).toThrow(/timeZone: .*\n.*archive\.lookBackDays: /s);
});

test("a configuration that needs this machine is not deployed, and every such field is named", () => {
  const weekly = { id: 124, source: { kind: "csv", uri: "file:///exports/weekly.csv" } };
  const provider = { kind: "ownpage", baseUrl: "http://127.0.0.1:4010/v1", secret: "ownpage" };
  const local = { ...context.newsletter, provider, lists: { weekly } };
  expect(parseConfiguration(local).lists["weekly"]).toMatchObject(weekly);
  expect(() => parseDeployment(local)).toThrow(
    /lists\.weekly\.source\.uri: expected s3:.*\n.*provider\.baseUrl: expected https:/s,
  );
  expect(parseDeployment(context.newsletter)).toEqual(parseConfiguration(context.newsletter));
});

test("a list may be at Constant Contact, with choices of its own, and each of its URLs is checked", () => {
  const id = "11571157-0000-4000-8000-000000000001";
  const withProvider = (provider: object) => ({
    ...context.newsletter,
    ...listWith({ id, provider, joinKnown: "always", askAgain: true }),
  });
  const { lists } = parseDeployment(withProvider(constantContact));
  expect(lists["daily"]).toMatchObject({
    joinKnown: "always",
    askAgain: true,
    provider: { baseUrl: "https://api.cc.email/v3" },
  });
  const tokenUrl = "http://127.0.0.1:4010/token";
  expect(() => parseDeployment(withProvider({ ...constantContact, tokenUrl }))).toThrow(
    /lists\.daily\.provider\.tokenUrl: expected https:/,
  );
});

test("a list's own provider may not be on this machine either, if it is deployed", () => {
  const provider = { ...otherAccount, baseUrl: "http://127.0.0.1:4010/v1" };
  const local = { ...context.newsletter, ...listWith({ provider }) };
  expect(() => parseDeployment(local)).toThrow(/: *\n *lists\.daily\.provider\.baseUrl: expected https:.*$/);
});

test("lists at two accounts may have the same id, and the functions know both accounts", () => {
  const weekly = { ...lists.weekly, id: 123, provider: otherAccount };
  const configuration = exampleWith({ lists: { daily: lists.daily, weekly } });
  expect(providerAccounts(configuration).map(({ secret }) => secret)).toEqual([
    "newsletter-sync/ownpage",
    "newsletter-sync/other",
  ]);
  for (const name of ["sync-subscribers", "import-subscribers"]) {
    const told = listsConfigurationSchema.parse(functionConfiguration(configuration, name));
    expect(told.provider.secret).toBe("newsletter-sync/ownpage");
    expect(told.lists["weekly"]).toMatchObject({ id: 123, provider: otherAccount });
  }
});

test("an archive of a provider that has no files of events is refused if it has a schedule", () => {
  const provider = { kind: "constant-contact", secret: "newsletter-sync/constant-contact" };
  const daily = { ...lists.daily, id: "11571157-0000-4000-8000-000000000001" };
  const at = (archive: object) => exampleWith({ provider, lists: { daily }, archive });
  expect(() => at({ schedule: "rate(1 day)" })).toThrow(
    "archive.schedule: this provider has no files of events, so there is nothing to archive",
  );
  expect(at({}).archive.schedule).toBeUndefined();
});

test("the error of a missing configuration says where it belongs", () => {
  expect(() => parseConfiguration(undefined)).toThrow("or name a file of it by -c config=FILE");
});
