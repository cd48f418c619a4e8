import { Duration } from "aws-cdk-lib";
import {
  type CfnQueue,
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Configuration } from "../config.ts";

/** How often a message is given out: with the waits of the function, that takes four days. */
const mostDeliveries = 100;

export interface PushQueueProps extends Pick<Configuration, "kmsKeyArn"> {
  /** The function's: no message may be given out again while it works. */
  readonly timeout: Duration;
}

/** What a website has sent and is not done yet, in the order in which it was sent, and what could not be done for days. */
export class PushQueue extends Construct {
  readonly messages: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { kmsKeyArn, timeout }: PushQueueProps) {
    super(scope, id);
    const shared: QueueProps = {
      fifo: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    };
    this.deadLetters = new Queue(this, "DeadLetters", shared);
    this.messages = new Queue(this, "Messages", {
      ...shared,
      // The same message within five minutes is one message.
      contentBasedDeduplication: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      visibilityTimeout: timeout.plus(Duration.minutes(1)),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: mostDeliveries },
    });
    for (const queue of [this.messages, this.deadLetters]) encrypt(queue, kmsKeyArn);
  }
}

function encrypt(queue: Queue, kmsKeyArn: string | undefined): void {
  if (kmsKeyArn === undefined) return;
  // CloudFormation's own properties: with CDK's, every sender could use the key in more ways than it has to.
  const resource = queue.node.defaultChild as CfnQueue;
  resource.sqsManagedSseEnabled = false;
  resource.kmsMasterKeyId = kmsKeyArn;
}
