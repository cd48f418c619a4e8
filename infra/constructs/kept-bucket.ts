import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

/** A bucket that is created here, or one that already exists, of which only this is known. */
export type AnyBucket = Pick<IBucket, "bucketName" | "bucketArn" | "arnForObjects">;

export interface KeptBucketProps {
  /** @default S3's own key */
  readonly key?: IKey | undefined;
}

/** A private bucket that outlives its stack, and whose policy requires TLS. */
export class KeptBucket extends Bucket {
  constructor(
    scope: Construct,
    id: string,
    { key, ...props }: KeptBucketProps & Pick<BucketProps, "lifecycleRules" | "versioned">,
  ) {
    super(scope, id, {
      ...props,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // With a key of the bucket's own, S3 asks for the publisher's key once in a while, and not for each object.
      ...(key
        ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }
}
