import { Duration } from "aws-cdk-lib";
import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { exchangeLifetimes, type Retention } from "../retention.ts";
import { KeptBucket, type KeptBucketProps } from "./kept-bucket.ts";

export interface ExchangeBucketProps extends KeptBucketProps {
  readonly retention: Retention;
}

/**
 * Plans, imports, returns, quarantine, history, locks, memory, mirrors and reports. Not versioned: only locks, memory,
 * history and mirrors are ever overwritten, and what expires or is erased must be gone, not an old version.
 */
export class ExchangeBucket extends KeptBucket {
  constructor(scope: Construct, id: string, { retention, ...props }: ExchangeBucketProps) {
    const lifetimes = Object.entries(exchangeLifetimes) as [keyof typeof exchangeLifetimes, string][];
    super(scope, id, {
      ...props,
      lifecycleRules: [
        ...lifetimes.map(([field, prefix]) => ({ prefix, expiration: Duration.days(retention[field]) })),
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    // CloudFormation's own property: CDK's would set it with a function that may change the notifications of every bucket.
    const bucket = this.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  }
}
