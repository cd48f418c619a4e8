import { CfnOutput, type CfnOutputProps, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import {
  credentialsExampleOf,
  type ProviderConfiguration,
} from "../../functions/providers/provider-configuration.ts";
import { type Configuration, providerAccounts } from "../config.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { ArchiveBucket } from "../constructs/archive-bucket.ts";
import { DeadLetters } from "../constructs/dead-letters.ts";
import { ExchangeBucket } from "../constructs/exchange-bucket.ts";
import type { AnyBucket } from "../constructs/kept-bucket.ts";
import { TestEventRegistry } from "../constructs/test-events.ts";
import { isExistingSecret } from "../existing.ts";
import { historySecretIn } from "../history-key.ts";

export interface StorageStackProps extends StackProps {
  readonly configuration: Configuration;
}

/**
 * What the functions' stacks share: whatever holds state, the queue of dead letters, and the alarms' topic. What holds state outlives those
 * stacks and this one, but not a first deployment that failed, as the next one could not create it again.
 */
export class StorageStack extends Stack {
  readonly exchangeBucket: AnyBucket;
  readonly archiveBucket: AnyBucket;
  readonly alarmTopic: AlarmTopic;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { configuration, ...props }: StorageStackProps) {
    super(scope, id, props);
    const { existing, alarmEmail, kmsKeyArn, retention, environment } = configuration;
    const key = kmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, "Key", kmsKeyArn);
    this.exchangeBucket =
      this.existingBucket("Exchange", existing.exchangeBucket) ??
      new ExchangeBucket(this, "Exchange", { key, retention });
    new CfnOutput(this, "ExchangeBucket", { value: this.exchangeBucket.bucketName });
    this.archiveBucket =
      this.existingBucket("Archive", existing.archiveBucket) ??
      new ArchiveBucket(this, "Archive", { key, retention });
    new CfnOutput(this, "ArchiveBucket", { value: this.archiveBucket.bucketName });
    this.alarmTopic = new AlarmTopic(this, "Alarms", { email: alarmEmail, key });
    new CfnOutput(this, "AlarmTopic", { value: this.alarmTopic.topicArn });
    this.deadLetters = new DeadLetters(this, "DeadLetters", configuration);
    new CfnOutput(this, "DeadLettersQueue", { value: this.deadLetters.queueName });
    this.addProviderSecrets(configuration);
    if (!existing.historyKey) {
      createHistoryKey(this, "HistoryKey", { name: historySecretIn(environment), kmsKeyArn });
    }
    new TestEventRegistry(this, "TestEvents");
  }

  private existingBucket(id: string, name: string | undefined): AnyBucket | undefined {
    return name === undefined ? undefined : Bucket.fromBucketName(this, id, name);
  }

  /** The first has the ids of a deployment with one account: under other ids, CloudFormation would make a new secret. */
  private addProviderSecrets(configuration: Configuration): void {
    const { existing, kmsKeyArn } = configuration;
    const exists = (name: string) => isExistingSecret(existing, name);
    const [first, ...others] = providerAccounts(configuration);
    const add = (provider: ProviderConfiguration, scope: Construct, ids: { secret: string; put: string }) => {
      if (!exists(provider.secret)) createProviderSecret(scope, ids.secret, { provider, kmsKeyArn });
      new CfnOutput(scope, ids.put, howToPut(provider, this.region));
    };
    add(first!, this, { secret: "Provider", put: "PutProviderSecret" });
    for (const provider of others) {
      const scope = new Construct(this, `Provider ${provider.secret}`);
      add(provider, scope, { secret: "Secret", put: "PutSecret" });
    }
  }
}

/** Made once, at random: with another key, nobody would be found any more in what was written before. */
function createHistoryKey(
  scope: Construct,
  id: string,
  { name, kmsKeyArn }: { readonly name: string; readonly kmsKeyArn: string | undefined },
): void {
  const secret = new CfnSecret(scope, id, {
    name,
    description: "The key with which the history of runs hashes addresses",
    generateSecretString: {
      secretStringTemplate: "{}",
      generateStringKey: "key",
      passwordLength: 64,
      excludePunctuation: true,
    },
    ...(kmsKeyArn && { kmsKeyId: kmsKeyArn }),
  });
  secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}

/** A command that gives a provider's secret its value. */
function howToPut(provider: ProviderConfiguration, region: string): CfnOutputProps {
  const { kind, secret } = provider;
  if (kind === "constant-contact") {
    return {
      description: "Gives the secret its value: a person authorises newsletter-sync at the provider",
      value: `AWS_REGION=${region} npm run connect -- ${kind} --secret '${secret}'`,
    };
  }
  return {
    description: `Gives the secret its value, from a file that holds ${credentialsExampleOf(provider)}`,
    value: `aws secretsmanager put-secret-value --region ${region} --secret-id '${secret}' --secret-string file://secret.json`,
  };
}

/** Without a value, which CDK's own `Secret` would invent: until a person puts one, runs report that there is none. */
function createProviderSecret(
  scope: Construct,
  id: string,
  {
    provider,
    kmsKeyArn,
  }: { readonly provider: ProviderConfiguration; readonly kmsKeyArn: string | undefined },
): void {
  const secret = new CfnSecret(scope, id, {
    name: provider.secret,
    description: `The newsletter provider's credentials: ${credentialsExampleOf(provider)}`,
    ...(kmsKeyArn && { kmsKeyId: kmsKeyArn }),
  });
  secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}
