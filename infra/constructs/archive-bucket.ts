import { Duration } from "aws-cdk-lib";
import { StorageClass } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { archivePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { Retention } from "../retention.ts";
import { KeptBucket, type KeptBucketProps } from "./kept-bucket.ts";

/** Where Athena writes the results of queries. */
export const athenaResultsPrefix = archivePrefixes.results;

export interface ArchiveBucketProps extends KeptBucketProps {
  readonly retention: Retention;
}

/** The events as the provider sent them, kept forever. What is overwritten by mistake can be restored for a while. */
export class ArchiveBucket extends KeptBucket {
  constructor(scope: Construct, id: string, { retention, ...props }: ArchiveBucketProps) {
    super(scope, id, {
      ...props,
      versioned: true,
      lifecycleRules: [
        {
          prefix: archivePrefixes.events,
          // Athena reads the tables, not these; a file is still available at once.
          transitions: [
            { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
        },
        {
          prefix: athenaResultsPrefix,
          expiration: Duration.days(retention.queryResultsDays),
          // They contain addresses and can be computed again, so nothing of them must remain.
          noncurrentVersionExpiration: Duration.days(1),
        },
        { noncurrentVersionExpiration: Duration.days(retention.archiveVersionsDays) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
  }
}
