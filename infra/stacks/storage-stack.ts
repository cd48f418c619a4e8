import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { Configuration } from "../config.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { ArchiveBucket } from "../constructs/archive-bucket.ts";
import { ExchangeBucket } from "../constructs/exchange-bucket.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";
import { TestEventRegistry } from "../constructs/test-events.ts";

export interface StorageStackProps extends StackProps {
  readonly configuration: Configuration;
}

/**
 * What the functions' stacks share: what holds state, and the alarms' topic. What holds state outlives them and
 * this stack itself, but not a first deployment that failed: the next one could not create it again.
 */
export class StorageStack extends Stack {
  readonly exchangeBucket: AnyBucket;
  readonly archiveBucket: AnyBucket;
  readonly alarmTopic: AlarmTopic;

  constructor(scope: Construct, id: string, { configuration, ...props }: StorageStackProps) {
    super(scope, id, props);
    const { existing, provider, alarmEmail } = configuration;
    this.exchangeBucket =
      this.existingBucket("Exchange", existing.exchangeBucket) ?? new ExchangeBucket(this, "Exchange");
    new CfnOutput(this, "ExchangeBucket", { value: this.exchangeBucket.bucketName });
    this.archiveBucket =
      this.existingBucket("Archive", existing.archiveBucket) ?? new ArchiveBucket(this, "Archive");
    new CfnOutput(this, "ArchiveBucket", { value: this.archiveBucket.bucketName });
    this.alarmTopic = new AlarmTopic(this, "Alarms", { email: alarmEmail });
    new CfnOutput(this, "AlarmTopic", { value: this.alarmTopic.topicArn });
    if (!existing.providerSecret) this.createProviderSecret(provider.secret);
    new CfnOutput(this, "PutProviderSecret", {
      description: 'Gives the secret its value, from a file that holds {"client":"...","apiKey":"..."}',
      value: `aws secretsmanager put-secret-value --region ${this.region} --secret-id '${provider.secret}' --secret-string file://secret.json`,
    });
    if (!existing.testEventRegistry) new TestEventRegistry(this, "TestEvents");
  }

  private existingBucket(id: string, name: string | undefined): AnyBucket | undefined {
    return name === undefined ? undefined : Bucket.fromBucketName(this, id, name);
  }

  /** Without a value, which CDK's own `Secret` would invent: until a person puts one, a run says that it has none. */
  private createProviderSecret(name: string): void {
    const secret = new CfnSecret(this, "Provider", {
      name,
      description: 'The newsletter provider\'s credentials: {"client":"...","apiKey":"..."}',
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }
}
