import { setTimeout as sleep } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { NewsletterSyncError } from "../domain/errors.ts";
import { UnforeseenError } from "../domain/unforeseen-error.ts";
import { describeError } from "../platform/describe-error.ts";
import { readConfiguration, requireVariable } from "../platform/environment.ts";
import { parseEvent } from "../platform/parse-event.ts";
import { listKeys } from "../platform/storage/list-keys.ts";
import { createObjectStore } from "../platform/storage/object-store.ts";
import { createS3Client } from "../platform/storage/s3-client.ts";
import { goodShowEvent, showEventSchema } from "./event.ts";
import { pagesConfigurationSchema } from "./pages-configuration.ts";
import { type ShowDependencies, type Shown, showRuns } from "./show-runs.ts";

const logger = new Logger({ serviceName: process.env["POWERTOOLS_SERVICE_NAME"] ?? "show-runs" });

/** Whoever lost to another function waits up to this long, and longer each time. */
const pauseMs = 100;

async function buildDependencies(): Promise<ShowDependencies> {
  const { runbookUrl, memoryMb } = await readConfiguration(pagesConfigurationSchema);
  const s3 = createS3Client();
  const bucket = requireVariable("EXCHANGE_BUCKET");
  return {
    store: createObjectStore(s3, bucket),
    listKeys: (prefix) => listKeys(s3, bucket, prefix),
    pause: (attempt) => sleep(Math.random() * pauseMs * Math.min(attempt, 10)),
    now: () => new Date(),
    runbook: runbookUrl,
    memoryMbOf: (functionName) => memoryMb[functionName],
  };
}

/** No job's handler: that one stores a report, whose event would start this function again. */
export const handler = middy<unknown, Shown>()
  .use(injectLambdaContext(logger))
  .handler(async (received) => {
    try {
      const event = parseEvent({ schema: showEventSchema, good: goodShowEvent }, received);
      const shown = await showRuns(event, await buildDependencies());
      logger.info("pages drawn", { ...shown });
      return shown;
    } catch (error) {
      const failure = error instanceof NewsletterSyncError ? error : new UnforeseenError(error);
      logger.error("no page was drawn", { error: describeError(failure) });
      throw failure;
    }
  });
