import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { archiveConfigurationSchema } from "../configuration.ts";
import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { createSecretReader } from "../platform/secrets.ts";
import { createFileStore } from "../platform/storage/file-store.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { openEventFiles } from "../providers/open-provider.ts";
import { type ArchiveDependencies, archiveEvents } from "./archive-events.ts";
import { archiveEventSchema, goodArchiveEvent } from "./event.ts";
import { archiveSubject, metricsOf } from "./metrics.ts";
import { outlineOf } from "./outline.ts";
import { summaryOf } from "./summary.ts";

async function buildDependencies(): Promise<ArchiveDependencies> {
  const { timeZone, provider, archive } = await readConfiguration(archiveConfigurationSchema);
  const readSecret = createSecretReader(new SecretsManagerClient());
  const s3 = createS3Client();
  return {
    store: createObjectStore(s3, requireVariable("EXCHANGE_BUCKET")),
    archive: createFileStore(s3, requireVariable("ARCHIVE_BUCKET")),
    timeZone,
    settings: archive,
    openFiles: (deadline) => openEventFiles(provider, { readSecret, deadline }),
  };
}

export const handler = createHandler({
  name: "archive-events",
  event: { schema: archiveEventSchema, good: goodArchiveEvent },
  buildDependencies,
  subjectOf: () => archiveSubject,
  isRoutine: ({ scheduledAt: _, ...asked }, { problem }) =>
    Object.keys(asked).length === 0 && problem === undefined,
  metricsOf,
  summarise: summaryOf,
  outlineOf,
  run: archiveEvents,
});
