import { CfnOutput, Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { LookUpEvent } from "../../functions/look-up-reader/event.ts";
import { historySecretVariable } from "../../functions/platform/environment.ts";
import { archivePrefixes, exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { Configuration } from "../config.ts";
import { grantHistory, grantKeys, grantListing, grantLists, grantPrefixes } from "../constructs/grants.ts";
import { JobFunction } from "../constructs/job-function.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";
import { TestEvents } from "../constructs/test-events.ts";
import { historySecretIn } from "../history-key.ts";
import type { JobStackProps } from "./job-stack.ts";

export interface LookUpStackProps extends Omit<JobStackProps, "deadLetters" | "alarms"> {
  readonly archiveBucket: AnyBucket;
}

/**
 * What is known of one reader, told or erased: one function, which a person invokes and nothing else. So it has no schedule
 * and no alarm, as whoever asks sees what went wrong; and no dead letters, which would hold the address of the event.
 */
export class LookUpStack extends Stack {
  constructor(scope: Construct, id: string, props: LookUpStackProps) {
    const { configuration, exchangeBucket, archiveBucket, ...stackProps } = props;
    super(scope, id, stackProps);
    const { environment } = configuration;
    const lookUp = new JobFunction(new Construct(this, "LookUpReader"), "Function", {
      name: "look-up-reader",
      configuration,
      environment: {
        EXCHANGE_BUCKET: exchangeBucket.bucketName,
        ARCHIVE_BUCKET: archiveBucket.bucketName,
        [historySecretVariable]: historySecretIn(environment),
      },
    });
    grantKeys(lookUp, configuration);
    grantExchange(lookUp, configuration, exchangeBucket);
    grantArchive(lookUp, archiveBucket);
    new TestEvents(this, "TestEvents", { function: lookUp, events: testEvents(configuration) });
    new CfnOutput(this, "LookUpReaderFunction", { value: lookUp.functionName });
  }
}

/** Of all functions, this one alone reads what others set aside, and removes anything. */
function grantExchange(grantee: IFunction, configuration: Configuration, bucket: AnyBucket): void {
  const { plans, imports, quarantine, returned, memory, mirror, locks, reports } = exchangePrefixes;
  grantPrefixes(grantee, bucket, {
    [plans]: "erase",
    [quarantine]: "erase",
    [imports]: "eraseFiles",
    [returned]: "readAndUpload",
    [memory]: "readAndWrite",
    [mirror]: "erase",
    [locks]: "readAndWrite",
    [reports]: "readAndWrite",
  });
  grantListing(grantee, bucket);
  grantLists(grantee, configuration, bucket);
  grantHistory(grantee, configuration, bucket);
}

function grantArchive(grantee: IFunction, bucket: AnyBucket): void {
  const { events, tables, refused, labels, results } = archivePrefixes;
  grantPrefixes(grantee, bucket, {
    [events]: "readAndUpload",
    [tables]: "readAndUpload",
    [refused]: "readAndUpload",
    [labels]: "readAndWrite",
    [results]: "readAndRemove",
  });
  grantListing(grantee, bucket);
}

function testEvents({ lists }: Configuration): Record<string, LookUpEvent> {
  const [list = "daily"] = Object.keys(lists);
  const email = "reader@example.fr";
  return {
    "tell-of-a-reader": { email },
    [`tell-of-a-reader-on-${list}`]: { email, list },
    "erase-a-reader": { email, erase: true },
  };
}
