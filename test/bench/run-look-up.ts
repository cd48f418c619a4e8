import { resourceUsage } from "node:process";
import { readHistory } from "../../functions/look-up-reader/read-history.ts";
import { createBucket } from "../../functions/platform/storage/bucket.ts";
import { createS3Client } from "../../functions/platform/storage/s3-client.ts";

/** Looks through the history of a list for the reader with this hash. */

const [hash = ""] = process.argv.slice(2);
const bucket = createBucket(createS3Client(), process.env["EXCHANGE_BUCKET"] ?? "");
const question = {
  list: "daily",
  reader: { hash: Buffer.from(hash, "hex").toString("latin1"), keyName: "" },
  jobs: ["sync-subscribers"],
  now: new Date(Date.UTC(2026, 11, 31)),
};
const startedAt = performance.now();
const { runs, gaps } = await readHistory(bucket, question);
const ms = performance.now() - startedAt;
if (runs.length !== 13 || gaps.length > 0)
  throw new Error(`found ${runs.length} runs and ${gaps.length} gaps`);
console.log(JSON.stringify({ ms, peakMb: resourceUsage().maxRSS / 1024 }));
