import { resourceUsage } from "node:process";
import { systemClock } from "../../functions/platform/clock.ts";
import { createFileStore } from "../../functions/platform/storage/file-store.ts";
import { createS3Client } from "../../functions/platform/storage/s3-client.ts";
import { openSink } from "../../functions/sinks/open-sink.ts";
import { syntheticReturns } from "./write-returns.ts";

/** Gives so many returns to a database, whose secret is in the environment. */

const [size = "0", statement = ""] = process.argv.slice(2);
const secret = JSON.parse(process.env["DATABASE_SECRET"] ?? "");
const sink = openSink(
  { kind: "postgres", secret: "newsletter-sync/writer", statements: [statement] },
  {
    readSecret: async () => secret,
    clock: systemClock,
    files: createFileStore(createS3Client(), "no-bucket"),
    list: "daily",
    runId: "bench",
  },
);
const startedAt = performance.now();
const { statements } = await sink.take(syntheticReturns(Number(size)), {
  commit: true,
  signal: new AbortController().signal,
});
const ms = performance.now() - startedAt;
if (statements[0] !== Number(size)) throw new Error(`the statement changed ${statements[0]} rows`);
console.log(JSON.stringify({ ms, peakMb: resourceUsage().maxRSS / 1024 }));
