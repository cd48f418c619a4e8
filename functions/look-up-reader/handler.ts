import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { listsConfigurationSchema } from "../configuration.ts";
import { createHandler } from "../platform/create-handler.ts";
import { historySecretVariable, readConfiguration, requireVariable } from "../platform/environment.ts";
import { setHeapGrowth } from "../platform/heap-growth.ts";
import { createSecretReader, createSecretWriter } from "../platform/secrets.ts";
import { createBucket } from "../platform/storage/bucket.ts";
import { createFileStore } from "../platform/storage/file-store.ts";
import { readReaderHash } from "../platform/storage/history/reader-hash.ts";
import { exchangePrefixes } from "../platform/storage/object-keys.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { createScratchStore } from "../platform/storage/scratch-store.ts";
import { eraseContacts, liveRows } from "../providers/constant-contact/mirror/erase-contacts.ts";
import { openProvider } from "../providers/open-provider.ts";
import { hasMirror } from "../providers/provider-configuration.ts";
import { readSourceInThread } from "../sources/source-thread.ts";
import { goodLookUpEvent, type LookUpEvent, lookUpEventSchema } from "./event.ts";
import { type LookUpDependencies, lookUpReader } from "./look-up-reader.ts";
import type { LookUpReport } from "./report.ts";
import { summaryOf } from "./summary.ts";

setHeapGrowth();

async function buildDependencies(): Promise<LookUpDependencies> {
  const { timeZone, provider, lists } = await readConfiguration(listsConfigurationSchema);
  const secrets = new SecretsManagerClient();
  const readSecret = createSecretReader(secrets);
  const s3 = createS3Client();
  const name = requireVariable("EXCHANGE_BUCKET");
  const archive = requireVariable("ARCHIVE_BUCKET");
  const store = createObjectStore(s3, name);
  // Whoever only looks leaves mirrors as they are: a run may be working on them.
  const looking = () => createScratchStore(store, [exchangePrefixes.mirror]);
  const access = { timeZone, readSecret, writeSecret: createSecretWriter(secrets) };
  return {
    lists,
    store,
    bucket: createBucket(s3, name),
    files: createFileStore(s3, name),
    archive: { bucket: createBucket(s3, archive), files: createFileStore(s3, archive) },
    mirrors: {
      eraseContacts: (account, erasure) => eraseContacts({ store, account }, erasure),
      liveRows: (account) => liveRows({ store, account }),
    },
    remembersLeavers: ({ configuration }) => hasMirror(configuration.provider ?? provider),
    readHash: () => readReaderHash(readSecret, requireVariable(historySecretVariable)),
    providerOf: ({ name, configuration: list }, run) =>
      openProvider(list.provider ?? provider, { name, ...list }, { ...access, ...run, store: looking() }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone, readSecret, signal }),
  };
}

/** What its reports and metrics are filed under: no reader. */
const subject = "reader";

export const handler = createHandler<LookUpEvent, LookUpDependencies, LookUpReport>({
  name: "look-up-reader",
  event: { schema: lookUpEventSchema, good: goodLookUpEvent },
  buildDependencies,
  subjectOf: () => subject,
  // Nobody runs it by schedule, and nobody is to see how many readers asked.
  isRoutine: () => false,
  isLook: () => true,
  metricsOf: () => ({}),
  summarise: summaryOf,
  run: lookUpReader,
});
