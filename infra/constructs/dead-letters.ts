import { Duration } from "aws-cdk-lib";
import { type CfnQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Configuration } from "../config.ts";

/** Events that no run took, or whose run failed, of all functions: each says which one it was for. */
export class DeadLetters extends Queue {
  constructor(scope: Construct, id: string, { kmsKeyArn }: Pick<Configuration, "kmsKeyArn">) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    if (kmsKeyArn === undefined) return;
    // CloudFormation's own properties: with CDK's, every sender could use the key in more ways than it has to.
    const queue = this.node.defaultChild as CfnQueue;
    queue.sqsManagedSseEnabled = false;
    queue.kmsMasterKeyId = kmsKeyArn;
  }
}
