import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { listsConfigurationSchema } from "../configuration.ts";
import { systemClock } from "../platform/clock.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { createSecretReader } from "../platform/secrets.ts";
import { createFileStore } from "../platform/storage/file-store.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openProvider } from "../providers/open-provider.ts";
import { openSink } from "../sinks/open-sink.ts";
import { readSourceInThread } from "../sources/source-thread.ts";
import { goodSyncEvent, syncEventSchema } from "./event.ts";
import { metricsOf } from "./metrics.ts";
import { summaryOf } from "./summary.ts";
import { type SyncDependencies, syncSubscribers } from "./sync-subscribers.ts";

setHeapGrowth();

async function buildDependencies(): Promise<SyncDependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const readSecret = createSecretReader(new SecretsManagerClient());
  const s3 = createS3Client();
  const bucket = requireVariable("EXCHANGE_BUCKET");
  const files = createFileStore(s3, bucket);
  return {
    lists,
    store: createObjectStore(s3, bucket),
    clock: systemClock,
    providerOf: (list, deadline) =>
      openProvider(list.provider ?? provider, list.id, { timeZone, readSecret, deadline }),
    openSink: (name, { returns }, runId) =>
      returns && openSink(returns, { readSecret, clock: systemClock, files, list: name, runId }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone, readSecret, signal }),
  };
}

export const handler = createHandler({
  name: "sync-subscribers",
  event: { schema: syncEventSchema, good: goodSyncEvent },
  buildDependencies,
  subjectOf: ({ list }) => list,
  isRoutine: (event, { isFirstApproval }) =>
    isFirstApproval === true || ("mode" in event && event.mode === "apply"),
  metricsOf,
  summarise: summaryOf,
  run: syncSubscribers,
});
