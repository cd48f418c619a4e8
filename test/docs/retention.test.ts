import { expect, test } from "vitest";
import { archiveLifetimes, exchangeLifetimes, retentionSchema } from "../../infra/retention.ts";
import { synthesise } from "../infra/synthesise.ts";
import { propertiesOf } from "../infra/template.ts";
import { codeIn, sectionOf, tablesIn } from "./read-pages.ts";

interface Documented {
  readonly field: string;
  readonly prefix: string | undefined;
  readonly days: number;
  readonly least: number;
}

const [table = []] = tablesIn(sectionOf("docs/deploy.md", "How long things are kept"));
const documented = table.slice(1).map(([field = "", , prefix = "", days, least]): Documented => {
  const [name = ""] = codeIn(field);
  return { field: name, prefix: codeIn(prefix)[0], days: Number(days), least: Number(least) };
});

interface Rule {
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
}

/** What the buckets of a deployment with this retention do, by prefix; "" is the whole archive's earlier versions. */
function lifetimesWith(retention: object): Record<string, number | undefined> {
  const rules: Rule[] = propertiesOf("AWS::S3::Bucket", synthesise({ retention }).storage).flatMap(
    ({ LifecycleConfiguration }) => LifecycleConfiguration.Rules,
  );
  const expiring = rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
  const versions = rules.find(
    ({ Prefix, ...rule }) => Prefix === undefined && rule.NoncurrentVersionExpiration,
  );
  return {
    ...Object.fromEntries(expiring.map(({ Prefix = "", ExpirationInDays }) => [Prefix, ExpirationInDays])),
    "": versions?.NoncurrentVersionExpiration?.NoncurrentDays,
  };
}

test("the manual has every field of the retention, its default and the least that it takes", () => {
  const fields = documented.map(({ field, days }) => [field, days]);
  expect(Object.fromEntries(fields)).toEqual(retentionSchema.parse(undefined));
  for (const { field, least } of documented) {
    expect(retentionSchema.safeParse({ [field]: least }).success).toBe(true);
    expect(retentionSchema.safeParse({ [field]: least - 1 }).success).toBe(false);
  }
});

test("the manual says to which prefix each applies", () => {
  const named = documented.filter(({ prefix }) => prefix !== undefined);
  expect(Object.fromEntries(named.map(({ field, prefix }) => [field, prefix]))).toEqual({
    ...exchangeLifetimes,
    ...archiveLifetimes,
  });
});

test("what the manual says is what the template does, by default and as configured", () => {
  const byDefault = documented.map(({ prefix = "", days }) => [prefix, days]);
  expect(lifetimesWith({})).toEqual(Object.fromEntries(byDefault));
  const doubled = documented.map(({ field, days }) => [field, 2 * days]);
  expect(lifetimesWith(Object.fromEntries(doubled))).toEqual(
    Object.fromEntries(documented.map(({ prefix = "", days }) => [prefix, 2 * days])),
  );
});
