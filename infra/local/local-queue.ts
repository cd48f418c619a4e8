import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { messageGroupOf } from "../message-group.ts";
import type { LocalFunction } from "./lambda-runtime.ts";
import type { LocalAws } from "./local-aws.ts";

/** The most messages that Lambda takes at once from a queue that keeps their order. */
const batchSize = 10;

/** A first-in-first-out queue as a deployment has it, on this machine, and what stands between it and its function. */
export interface LocalQueue {
  /** For the function's environment. */
  readonly environment: { readonly QUEUE_URL: string };
  /** Sends a message as the API would, whatever it is. */
  send(message: unknown): Promise<void>;
  /** Gives one batch to the function, and takes out what it did. @returns how many messages the batch had */
  deliver(push: Pick<LocalFunction, "invoke">): Promise<number>;
  /** How many messages are in the queue, whether or not they are given out. */
  count(): Promise<number>;
  stop(): void;
}

interface QueueOptions {
  /** How long a message is not given out again, unless the function says otherwise. @default 900 */
  readonly visibilitySeconds?: number;
  /** @default pushes */
  readonly name?: string;
}

export async function openLocalQueue(
  { environment }: Pick<LocalAws, "environment">,
  { visibilitySeconds = 900, name = "pushes" }: QueueOptions = {},
): Promise<LocalQueue> {
  const { AWS_REGION: region = "", AWS_ENDPOINT_URL_SQS: endpoint = "" } = environment;
  const sqs = new SQSClient({
    region,
    endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const { QueueUrl = "" } = await sqs.send(
    new CreateQueueCommand({
      QueueName: `${name}.fifo`,
      Attributes: {
        FifoQueue: "true",
        ContentBasedDeduplication: "true",
        VisibilityTimeout: String(visibilitySeconds),
      },
    }),
  );
  return {
    // The SDK sends to the host in it, which is a name that only AWS knows.
    environment: { QUEUE_URL: new URL(new URL(QueueUrl).pathname, endpoint).href },
    async send(message) {
      const MessageBody = typeof message === "string" ? message : JSON.stringify(message);
      await sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: messageGroupOf(message) }),
      );
    },
    async deliver(push) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: batchSize,
          MessageSystemAttributeNames: ["All"],
        }),
      );
      if (Messages.length === 0) return 0;
      const event: SQSEvent = { Records: Messages.map(recordOf) };
      const result = await push.invoke(event);
      const isLeft = leftBy(result.ok ? (result.payload as SQSBatchResponse) : undefined);
      const Entries = Messages.filter(({ MessageId = "" }) => !isLeft(MessageId)).map(
        ({ ReceiptHandle = "" }, index) => ({ Id: String(index), ReceiptHandle }),
      );
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      return Messages.length;
    },
    async count() {
      const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
      );
      return names.reduce((sum, attribute) => sum + Number(Attributes[attribute] ?? 0), 0);
    },
    stop: () => sqs.destroy(),
  };
}

/** Which messages are to be given out again: all of them if the function failed. */
function leftBy(response: SQSBatchResponse | undefined): (id: string) => boolean {
  if (response === undefined) return () => true;
  const ids = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return (id) => ids.has(id);
}

function recordOf({ MessageId = "", Body = "", ReceiptHandle = "", Attributes = {} }: Message): SQSRecord {
  return {
    messageId: MessageId,
    body: Body,
    receiptHandle: ReceiptHandle,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "",
      SenderId: "",
      ApproximateFirstReceiveTimestamp: "",
      ...Attributes,
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "",
    awsRegion: "",
  };
}
