import { setTimeout as sleep } from "node:timers/promises";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { listsConfigurationSchema } from "../configuration.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { createSecretReader, createSecretWriter } from "../platform/secrets.ts";
import { createFileStore } from "../platform/storage/file-store.ts";
import { historyHashOf } from "../platform/storage/history/history-secret.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openImporter } from "../providers/open-provider.ts";
import type { ProviderConfiguration } from "../providers/provider-configuration.ts";
import { quotaUseOf } from "../providers/quota-use.ts";
import { readSourceInThread } from "../sources/source-thread.ts";
import { goodImportEvent, type ImportEvent, importEventSchema } from "./event.ts";
import { type ImportDependencies, importSubscribers } from "./import-subscribers.ts";
import { metricsOf } from "./metrics.ts";
import { outlineOf } from "./outline.ts";
import type { ImportReport } from "./report.ts";
import { summaryOf } from "./summary.ts";

setHeapGrowth();

interface Dependencies extends ImportDependencies {
  /** Of the lists that have none of their own. */
  readonly provider: ProviderConfiguration;
}

async function buildDependencies(): Promise<Dependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const secrets = new SecretsManagerClient();
  const readSecret = createSecretReader(secrets);
  const s3 = createS3Client();
  const bucket = requireVariable("EXCHANGE_BUCKET");
  const store = createObjectStore(s3, bucket);
  const access = { timeZone, readSecret, writeSecret: createSecretWriter(secrets), store };
  return {
    provider,
    lists,
    store,
    readHash: historyHashOf(readSecret),
    files: createFileStore(s3, bucket),
    importerOf: ({ name, configuration: list }, run) =>
      openImporter(list.provider ?? provider, { name, ...list }, { ...access, ...run }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone, readSecret, signal }),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  };
}

export const handler = createHandler<ImportEvent, Dependencies, ImportReport>({
  name: "import-subscribers",
  event: { schema: importEventSchema, good: goodImportEvent },
  buildDependencies,
  subjectOf: ({ list }) => list,
  isRoutine: (event, { isFirstApproval, next }) =>
    next === undefined && (isFirstApproval === true || (!("apply" in event) && !event.dryRun)),
  isLook: (event) => "dryRun" in event && event.dryRun === true,
  duplicateOf: ({ duplicateOf }) => duplicateOf,
  metricsOf,
  quotaUseOf: ({ list }, { provider, lists }, { requests }) =>
    quotaUseOf(lists[list]?.provider ?? provider, requests),
  summarise: summaryOf,
  outlineOf,
  run: importSubscribers,
});
