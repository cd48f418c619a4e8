import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { keyPrefixes } from "../functions/platform/object-keys.ts";
import type { Configuration } from "./config.ts";
import { AlarmTopic } from "./constructs/alarm-topic.ts";
import { ArchiveBucket } from "./constructs/archive-bucket.ts";
import { TestEventRegistry } from "./constructs/test-events.ts";

export interface StorageStackProps extends StackProps {
  readonly configuration: Configuration;
}

/** What the functions' stacks share: what holds state, and outlives them and this stack itself, and the alarms' topic. */
export class StorageStack extends Stack {
  readonly exchangeBucket: Bucket;
  /** There is one only if an archive is configured. */
  readonly archiveBucket: ArchiveBucket | undefined;
  readonly alarmTopic: AlarmTopic;

  constructor(scope: Construct, id: string, { configuration, ...props }: StorageStackProps) {
    super(scope, id, props);
    this.exchangeBucket = this.createExchangeBucket();
    if (configuration.archive) {
      this.archiveBucket = new ArchiveBucket(this, "Archive");
      new CfnOutput(this, "ArchiveBucket", { value: this.archiveBucket.bucketName });
    }
    this.alarmTopic = new AlarmTopic(this, "Alarms", { email: configuration.alarmEmail });
    new CfnOutput(this, "AlarmTopic", { value: this.alarmTopic.topicArn });
    this.createProviderSecret(configuration.provider.secret);
    if (configuration.testEventRegistry === "create") new TestEventRegistry(this, "TestEvents");
  }

  /**
   * No versioning: only the locks are ever overwritten, and an address whose time is over must be gone, not
   * an old version.
   */
  private createExchangeBucket(): Bucket {
    const bucket = new Bucket(this, "Exchange", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { prefix: keyPrefixes.plans, expiration: Duration.days(90) },
        { prefix: keyPrefixes.quarantine, expiration: Duration.days(90) },
        { prefix: keyPrefixes.imports, expiration: Duration.days(7) },
        { prefix: keyPrefixes.reports, expiration: Duration.days(400) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    new CfnOutput(this, "ExchangeBucket", { value: bucket.bucketName });
    return bucket;
  }

  /** Without a value, which CDK's own `Secret` would invent: until a person puts one, a run says that it has none. */
  private createProviderSecret(name: string): void {
    const secret = new CfnSecret(this, "Provider", {
      name,
      description: 'The newsletter provider\'s credentials: {"client":"...","apiKey":"..."}',
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    new CfnOutput(this, "PutProviderSecret", {
      description: 'Gives the secret its value, from a file that holds {"client":"...","apiKey":"..."}',
      value: `aws secretsmanager put-secret-value --region ${this.region} --secret-id '${name}' --secret-string file://secret.json`,
    });
  }
}
