import { expect, test } from "vitest";
import { reportKey } from "../../../functions/platform/storage/object-keys.ts";
import { showEventSchema } from "../../../functions/show-runs/event.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, propertiesOf, testEventsIn } from "../template.ts";

const { pages: template, storage } = synthesise();

/** What EventBridge would take for a match, of the one kind of pattern that is used. */
function invokes(key: string): boolean {
  const [{ EventPattern }] = propertiesOf("AWS::Events::Rule", template);
  const [{ wildcard }] = EventPattern.detail.object.key;
  return new RegExp(`^${wildcard.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(key);
}

test("each stored report invokes the function, and nothing that it writes", () => {
  const run = "20260301T090000Z-07a615b6";
  expect(invokes(reportKey("sync-subscribers", "daily", run))).toBe(true);
  const others = [
    `reports/sync-subscribers/daily/${run}.html`,
    "reports/index.json",
    "reports/index.html",
    `plans/daily/${run}/plan.html`,
    `plans/daily/${run}/summary.json`,
  ];
  expect(others.filter(invokes)).toEqual([]);
});

test("the exchange bucket tells EventBridge of new objects", () => {
  const buckets = propertiesOf("AWS::S3::Bucket", storage);
  const telling = buckets.filter((bucket) => bucket.NotificationConfiguration !== undefined);
  expect(telling).toHaveLength(1);
  expect(telling[0].NotificationConfiguration).toEqual({
    EventBridgeConfiguration: { EventBridgeEnabled: true },
  });
});

test("the function reads reports and plans, and writes pages and the index alone", () => {
  const allowed = allowedTo("ShowRunsFunctionRole", template);
  const ofBucket = Object.entries(allowed).filter(([resource]) => resource.startsWith("<ExchangeArn>"));
  expect(Object.fromEntries(ofBucket)).toEqual({
    "<ExchangeArn>": ["s3:ListBucket"],
    "<ExchangeArn>/reports/*": ["s3:GetObject"],
    "<ExchangeArn>/plans/*": ["s3:GetObject"],
    "<ExchangeArn>/reports/*.html": ["s3:PutObject"],
    "<ExchangeArn>/reports/index.json": ["s3:PutObject"],
    "<ExchangeArn>/plans/*/plan.html": ["s3:PutObject"],
  });
});

test("the console has events to draw a run, and the index anew", () => {
  const { examples } = testEventsIn(template).content.components;
  expect(Object.keys(examples)).toEqual(["draw-a-run", "draw-the-index-anew"]);
  for (const { value } of Object.values<{ value: unknown }>(examples)) showEventSchema.parse(value);
});

test("an event of S3 is taken as EventBridge sends it", () => {
  const key = "reports/import-subscribers/weekly/20260301T090000Z-07a615b6.json";
  const event = {
    version: "0",
    source: "aws.s3",
    detail: { bucket: { name: "b" }, object: { key, size: 5 } },
  };
  expect(showEventSchema.parse(event)).toEqual({
    report: { functionName: "import-subscribers", subject: "weekly", runId: "20260301T090000Z-07a615b6" },
  });
});
