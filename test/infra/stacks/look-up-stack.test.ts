import { expect, test } from "vitest";
import { lookUpEventSchema } from "../../../functions/look-up-reader/event.ts";
import { synthesise } from "../synthesise.ts";
import { allowedTo, testEventsIn } from "../template.ts";

const { lookUp, ...others } = synthesise();

test("it is invoked by hand alone: it has no schedule, no alarm and no dead letters, which would hold an address", () => {
  for (const type of ["AWS::Scheduler::Schedule", "AWS::CloudWatch::Alarm", "AWS::SQS::Queue"]) {
    lookUp.resourceCountIs(type, 0);
  }
  lookUp.resourceCountIs("AWS::Lambda::Permission", 0);
  lookUp.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumRetryAttempts: 0 });
});

test("it may read what others store, write it anew and remove it, and nothing else", () => {
  const erase = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
  const eraseFiles = ["s3:AbortMultipartUpload", ...erase];
  const readAndWrite = ["s3:GetObject", "s3:PutObject"];
  const readAndUpload = ["s3:AbortMultipartUpload", ...readAndWrite];
  const onBuckets = Object.entries(allowedTo("LookUpReaderFunctionRole", lookUp)).filter(([resource]) =>
    /^<(Exchange|Archive)Arn>/.test(resource),
  );
  expect(Object.fromEntries(onBuckets)).toEqual({
    "<ExchangeArn>/plans/*": erase,
    "<ExchangeArn>/quarantine/*": erase,
    "<ExchangeArn>/imports/*": eraseFiles,
    "<ExchangeArn>/returned/*": readAndUpload,
    "<ExchangeArn>/history/*": readAndWrite,
    "<ExchangeArn>/memory/*": readAndWrite,
    "<ExchangeArn>/mirror/*": erase,
    "<ExchangeArn>/locks/*": readAndWrite,
    "<ExchangeArn>/reports/*": readAndWrite,
    "<ExchangeArn>": ["s3:ListBucket"],
    "<ArchiveArn>/events/*": readAndUpload,
    "<ArchiveArn>/tables/*": readAndUpload,
    "<ArchiveArn>/refused/*": readAndUpload,
    "<ArchiveArn>/labels/*": readAndWrite,
    "<ArchiveArn>/athena-results/*": ["s3:DeleteObject", "s3:GetObject"],
    "<ArchiveArn>": ["s3:ListBucket"],
  });
});

test("nobody else may remove an object", () => {
  for (const template of Object.values(others)) {
    expect(Object.values(allowedTo("", template)).flat()).not.toContain("s3:DeleteObject");
  }
});

test("the console has events that tell and one that erases", () => {
  const { examples } = testEventsIn(lookUp).content.components;
  const events = Object.values<{ value: unknown }>(examples).map(({ value }) =>
    lookUpEventSchema.parse(value),
  );
  expect(events.map(({ erase = false }) => erase)).toEqual([false, false, true]);
});
