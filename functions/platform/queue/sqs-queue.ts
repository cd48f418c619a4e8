import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import pMap from "p-map";
import type { Delivery, Queue } from "./queue.ts";

/** The most that SQS gives out, or takes out, in one call. */
const mostAtOnce = 10;
const callsAtOnce = 8;

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
      await inTens(deliveries, async (ten) => {
        const Entries = ten.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
        await sqs.send(new DeleteMessageBatchCommand({ ...place, Entries }));
      });
    },
    async postpone(waits) {
      await inTens(waits, async (ten) => {
        const Entries = ten.map(({ delivery, seconds }, index) => ({
          Id: String(index),
          ReceiptHandle: delivery.receipt,
          VisibilityTimeout: seconds,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({ ...place, Entries });
        await sqs.send(command).catch(() => undefined);
      });
    },
  };
}

/** Calls for ten at a time, a few calls at once. */
async function inTens<Item>(
  items: readonly Item[],
  call: (ten: readonly Item[]) => Promise<void>,
): Promise<void> {
  const tens = Array.from({ length: Math.ceil(items.length / mostAtOnce) }, (_, n) =>
    items.slice(n * mostAtOnce, (n + 1) * mostAtOnce),
  );
  await pMap(tens, call, { concurrency: callsAtOnce });
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
