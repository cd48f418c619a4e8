import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { listsConfigurationSchema } from "../configuration.ts";
import { systemClock } from "../platform/clock.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { deliveryOf, openQueue } from "../platform/queue/sqs-queue.ts";
import { createSecretReader, createSecretWriter } from "../platform/secrets.ts";
import { historyHashOf } from "../platform/storage/history/history-secret.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openOptIns, openProvider } from "../providers/open-provider.ts";
import type { ProviderConfiguration } from "../providers/provider-configuration.ts";
import { quotaUseOf } from "../providers/quota-use.ts";
import { answerDeliveries } from "./answer-deliveries.ts";
import { goodPushEvent, type PushEvent, pushEventSchema } from "./event.ts";
import type { PushDependencies } from "./job.ts";
import { metricsOf } from "./metrics.ts";
import { pushChanges } from "./push-changes.ts";
import type { PushReport } from "./report.ts";
import { summaryOf } from "./summary.ts";

setHeapGrowth();

interface Dependencies extends PushDependencies {
  /** Of the lists that have none of their own. */
  readonly provider: ProviderConfiguration;
}

async function buildDependencies(): Promise<Dependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const secrets = new SecretsManagerClient();
  const readSecret = createSecretReader(secrets);
  const store = createObjectStore(createS3Client(), requireVariable("EXCHANGE_BUCKET"));
  const access = { timeZone, readSecret, writeSecret: createSecretWriter(secrets), store };
  return {
    provider,
    lists,
    clock: systemClock,
    store,
    readHash: historyHashOf(readSecret),
    providerOf: ({ name, configuration: list }, run) =>
      openProvider(list.provider ?? provider, { name, ...list }, { ...access, ...run }),
    optInsOf: ({ name, configuration: list }, run) =>
      openOptIns(list.provider ?? provider, { name }, { ...access, ...run }),
  };
}

/** Works on one list's messages, or does what a person asks for. */
const push = createHandler<PushEvent, Dependencies, PushReport>({
  name: "push-changes",
  event: { schema: pushEventSchema, good: goodPushEvent },
  buildDependencies,
  subjectOf: ({ list }) => list,
  // No schedule waits for it.
  isRoutine: () => false,
  shareOf: (event) => ("share" in event ? event.share : 1),
  metricsOf,
  quotaUseOf: ({ list }, { provider, lists }, { requests }) =>
    quotaUseOf(lists[list]?.provider ?? provider, requests),
  summarise: summaryOf,
  run: pushChanges,
});

const sqs = new SQSClient();

/** Called by the queue with a batch of messages, and by a person with an event. */
export async function handler(event: SQSEvent | PushEvent, context: Context): Promise<unknown> {
  if (!("Records" in event)) return push(event, context);
  const failed = await answerDeliveries(event.Records.map(deliveryOf), {
    queue: openQueue(sqs, requireVariable("QUEUE_URL")),
    push: (list, messages, share) => push({ list, messages, share }, context),
  });
  return {
    batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
  } satisfies SQSBatchResponse;
}
