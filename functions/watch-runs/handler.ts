import { createHandler } from "../platform/create-handler.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { goodWatchEvent, type WatchEvent, watchEventSchema } from "./event.ts";
import { metricsOf, missingRunsOf, watchSubject } from "./metrics.ts";
import type { WatchReport } from "./report.ts";
import { summaryOf } from "./summary.ts";
import { watchConfigurationSchema } from "./watch-configuration.ts";
import { type WatchDependencies, watchRuns } from "./watch-runs.ts";

async function buildDependencies(): Promise<WatchDependencies> {
  const { schedules } = await readConfiguration(watchConfigurationSchema);
  return { store: createObjectStore(createS3Client(), requireVariable("EXCHANGE_BUCKET")), schedules };
}

export const handler = createHandler<WatchEvent, WatchDependencies, WatchReport>({
  name: "watch-runs",
  event: { schema: watchEventSchema, good: goodWatchEvent },
  buildDependencies,
  subjectOf: () => watchSubject,
  isRoutine: () => false,
  metricsOf,
  missingRunsOf,
  summarise: summaryOf,
  run: (_, dependencies, run) => watchRuns(dependencies, run),
});
