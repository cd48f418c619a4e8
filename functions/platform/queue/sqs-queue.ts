import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import type { Delivery, Queue } from "./queue.ts";

/** The most that SQS gives out, or takes out, in one call. */
const mostAtOnce = 10;

/** The messages of an event. */
export function deliveryOf({ messageId, body, receiptHandle, attributes }: SQSRecord): Delivery {
  return {
    id: messageId,
    body,
    group: attributes.MessageGroupId ?? messageId,
    receives: Number(attributes.ApproximateReceiveCount),
    receipt: receiptHandle,
  };
}

/** An SQS queue. */
export function openQueue(sqs: SQSClient, url: string): Queue {
  const place = { QueueUrl: url };
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          ...place,
          MaxNumberOfMessages: mostAtOnce,
          MessageSystemAttributeNames: ["MessageGroupId", "ApproximateReceiveCount"],
        }),
      );
      return Messages.map(receivedDelivery);
    },
    async remove(deliveries) {
      for (let at = 0; at < deliveries.length; at += mostAtOnce) {
        const Entries = deliveries
          .slice(at, at + mostAtOnce)
          .map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
        await sqs.send(new DeleteMessageBatchCommand({ ...place, Entries }));
      }
    },
    async postpone({ receipt }, seconds) {
      const command = new ChangeMessageVisibilityCommand({
        ...place,
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      });
      await sqs.send(command).catch(() => undefined);
    },
  };
}

function receivedDelivery({
  MessageId = "",
  Body = "",
  ReceiptHandle = "",
  Attributes = {},
}: Message): Delivery {
  return {
    id: MessageId,
    body: Body,
    group: Attributes.MessageGroupId ?? MessageId,
    receives: Number(Attributes.ApproximateReceiveCount ?? 1),
    receipt: ReceiptHandle,
  };
}
