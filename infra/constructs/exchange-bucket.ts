import { Duration } from "aws-cdk-lib";
import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { KeptBucket, type KeptBucketProps } from "./kept-bucket.ts";

/**
 * Plans, imports, returns, quarantine, locks, memory, mirrors and reports. Not versioned: only locks, memory and mirrors are
 * ever overwritten, and what expires must be gone, not an old version.
 */
export class ExchangeBucket extends KeptBucket {
  constructor(scope: Construct, id: string, props: KeptBucketProps) {
    super(scope, id, {
      ...props,
      lifecycleRules: [
        { prefix: exchangePrefixes.plans, expiration: Duration.days(90) },
        { prefix: exchangePrefixes.quarantine, expiration: Duration.days(90) },
        { prefix: exchangePrefixes.imports, expiration: Duration.days(7) },
        { prefix: exchangePrefixes.returned, expiration: Duration.days(90) },
        // A whole reading writes all of a mirror anew, once a day, and leaves the old one behind. So only that of an account
        // that is no longer read expires, with who had left its lists.
        { prefix: exchangePrefixes.mirror, expiration: Duration.days(90) },
        { prefix: exchangePrefixes.reports, expiration: Duration.days(400) },
        // Each run that sends something writes a list's memory anew. So only that of a list that is no longer run expires:
        // it is personal data, and nothing else removes it.
        { prefix: exchangePrefixes.memory, expiration: Duration.days(400) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    // CloudFormation's own property: CDK's would set it with a function that may change the notifications of every bucket.
    const bucket = this.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  }
}
