import { setTimeout as sleep } from "node:timers/promises";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { listsConfigurationSchema } from "../configuration.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { createSecretReader, createSecretWriter } from "../platform/secrets.ts";
import { createFileStore } from "../platform/storage/file-store.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openImporter } from "../providers/open-provider.ts";
import { readSourceInThread } from "../sources/source-thread.ts";
import { goodImportEvent, importEventSchema } from "./event.ts";
import { type ImportDependencies, importSubscribers } from "./import-subscribers.ts";
import { metricsOf } from "./metrics.ts";
import { summaryOf } from "./summary.ts";

setHeapGrowth();

async function buildDependencies(): Promise<ImportDependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const secrets = new SecretsManagerClient();
  const readSecret = createSecretReader(secrets);
  const s3 = createS3Client();
  const bucket = requireVariable("EXCHANGE_BUCKET");
  const store = createObjectStore(s3, bucket);
  const access = { timeZone, readSecret, writeSecret: createSecretWriter(secrets), store };
  return {
    lists,
    store,
    files: createFileStore(s3, bucket),
    importerOf: ({ name, configuration: list }, run) =>
      openImporter(list.provider ?? provider, { name, ...list }, { ...access, ...run }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone, readSecret, signal }),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  };
}

export const handler = createHandler({
  name: "import-subscribers",
  event: { schema: importEventSchema, good: goodImportEvent },
  buildDependencies,
  subjectOf: ({ list }) => list,
  isRoutine: (event, { isFirstApproval }) =>
    isFirstApproval === true || (!("apply" in event) && !event.dryRun),
  metricsOf,
  summarise: summaryOf,
  run: importSubscribers,
});
