import { Duration } from "aws-cdk-lib";
import { StorageClass } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { archivePrefixes } from "../../functions/platform/storage/object-keys.ts";
import { KeptBucket } from "./kept-bucket.ts";

/** Where Athena puts the answers to queries. */
export const athenaResultsPrefix = "athena-results/";

/** The events as the provider sent them, kept for good: what a mistake overwrites can be had back for a year. */
export class ArchiveBucket extends KeptBucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      versioned: true,
      lifecycleRules: [
        {
          prefix: archivePrefixes.events,
          // Athena reads the tables, not these; whoever asks for one still gets it at once.
          transitions: [
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
        },
        {
          prefix: athenaResultsPrefix,
          expiration: Duration.days(30),
          // They hold addresses, and can be had again: gone must be gone.
          noncurrentVersionExpiration: Duration.days(1),
        },
        { noncurrentVersionExpiration: Duration.days(365) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
  }
}
