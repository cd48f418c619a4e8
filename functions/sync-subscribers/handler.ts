import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { listsConfigurationSchema } from "../configuration.ts";
import { systemClock } from "../platform/clock.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { createSecretReader, createSecretWriter } from "../platform/secrets.ts";
import { createFileStore } from "../platform/storage/file-store.ts";
import { historyHashOf } from "../platform/storage/history/history-secret.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openProvider } from "../providers/open-provider.ts";
import type { ProviderConfiguration } from "../providers/provider-configuration.ts";
import { quotaUseOf } from "../providers/quota-use.ts";
import { openSink } from "../sinks/open-sink.ts";
import { readSourceInThread } from "../sources/source-thread.ts";
import { goodSyncEvent, type SyncEvent, syncEventSchema } from "./event.ts";
import { metricsOf } from "./metrics.ts";
import { outlineOf } from "./outline.ts";
import type { SyncReport } from "./report.ts";
import { summaryOf } from "./summary.ts";
import { type SyncDependencies, syncSubscribers } from "./sync-subscribers.ts";

setHeapGrowth();

interface Dependencies extends SyncDependencies {
  /** Of the lists that have none of their own. */
  readonly provider: ProviderConfiguration;
}

async function buildDependencies(): Promise<Dependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const secrets = new SecretsManagerClient();
  const readSecret = createSecretReader(secrets);
  const s3 = createS3Client();
  const bucket = requireVariable("EXCHANGE_BUCKET");
  const files = createFileStore(s3, bucket);
  const store = createObjectStore(s3, bucket);
  const access = { timeZone, readSecret, writeSecret: createSecretWriter(secrets), store };
  return {
    provider,
    lists,
    clock: systemClock,
    store,
    readHash: historyHashOf(readSecret),
    providerOf: ({ name, configuration: list }, run) =>
      openProvider(list.provider ?? provider, { name, ...list }, { ...access, ...run }),
    openSink: (name, { returns }, runId) =>
      returns && openSink(returns, { readSecret, clock: systemClock, files, list: name, runId }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone, readSecret, signal }),
  };
}

export const handler = createHandler<SyncEvent, Dependencies, SyncReport>({
  name: "sync-subscribers",
  event: { schema: syncEventSchema, good: goodSyncEvent },
  buildDependencies,
  subjectOf: ({ list }) => list,
  isRoutine: (event, { isFirstApproval, next }) =>
    next === undefined && (isFirstApproval === true || ("mode" in event && event.mode === "apply")),
  isLook: (event) => "mode" in event && event.mode === "plan",
  duplicateOf: ({ duplicateOf }) => duplicateOf,
  metricsOf,
  quotaUseOf: ({ list }, { provider, lists }, { requests }) =>
    quotaUseOf(lists[list]?.provider ?? provider, requests),
  summarise: summaryOf,
  outlineOf,
  run: syncSubscribers,
});
