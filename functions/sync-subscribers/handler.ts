import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { listsConfigurationSchema } from "../configuration.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { createSecretReader } from "../platform/secrets.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openProvider } from "../providers/open-provider.ts";
import { readSourceInThread } from "../sources/source-thread.ts";
import { goodSyncEvent, syncEventSchema } from "./event.ts";
import { metricsOf } from "./metrics.ts";
import { summaryOf } from "./summary.ts";
import { type SyncDependencies, syncSubscribers } from "./sync-subscribers.ts";

setHeapGrowth();

async function buildDependencies(): Promise<SyncDependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const readSecret = createSecretReader(new SecretsManagerClient());
  return {
    lists,
    store: createObjectStore(createS3Client(), requireVariable("EXCHANGE_BUCKET")),
    providerOf: (list, deadline) =>
      openProvider(list.provider ?? provider, list.id, { timeZone, readSecret, deadline }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone, readSecret, signal }),
  };
}

export const handler = createHandler({
  name: "sync-subscribers",
  event: { schema: syncEventSchema, good: goodSyncEvent },
  buildDependencies,
  subjectOf: ({ list }) => list,
  isRoutine: (event) => "mode" in event && event.mode === "apply",
  metricsOf,
  summarise: summaryOf,
  run: syncSubscribers,
});
