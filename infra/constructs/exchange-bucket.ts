import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { KeptBucket } from "./kept-bucket.ts";

/**
 * Plans, imports, quarantine, locks and reports. Not versioned: only locks are ever overwritten, and an address that
 * expires must be gone, not an old version.
 */
export class ExchangeBucket extends KeptBucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      lifecycleRules: [
        { prefix: exchangePrefixes.plans, expiration: Duration.days(90) },
        { prefix: exchangePrefixes.quarantine, expiration: Duration.days(90) },
        { prefix: exchangePrefixes.imports, expiration: Duration.days(7) },
        { prefix: exchangePrefixes.reports, expiration: Duration.days(400) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
  }
}
