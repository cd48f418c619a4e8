import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ArchiveReport } from "../../functions/archive-events/report.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { invokeLocally } from "../../infra/local/invoke-locally.ts";
import { startLocalAws } from "../../infra/local/local-aws.ts";
import { type Figures, type Prepare, peakMb, perSecond, seconds } from "./comparison.ts";
import { isOnPath, startServer } from "./processes.ts";
import { writeClicks } from "./write-events.ts";

const date = "2018-02-15";
const path = `/v1/newsletters/events/nl_click/${date}`;
const rival = "curl and gzip";

/** The archive of one day's clicks, two per subscriber, and curl and gzip storing the same file. */
export const prepareArchive: Prepare = async ({ size, folder }) => {
  const file = join(folder, "clicks.csv");
  await writeClicks(file, { date, clicks: 2 * size, subscribers: size });
  const bytes = statSync(file).size;
  const provider = await startServer("events-server.ts", [file, path]);
  const hasRival = isOnPath("curl") && isOnPath("gzip");
  if (!hasRival) console.log("\ncurl and gzip are left out: one of them is not on the PATH");
  const megabytes = bytes / 1e6;
  return {
    headline: `archive: ${(2 * size).toLocaleString("en-US")} clicks, ${megabytes.toFixed(0)} MB of CSV`,
    contenders: {
      "archive-events": () => runArchive(provider.url, bytes),
      ...(hasRival && { [rival]: () => runCurl(provider.url, join(folder, "clicks.csv.gz"), bytes) }),
    },
    columns: [seconds, perSecond("MB of CSV a second", megabytes), peakMb],
    ratios: hasRival ? [["archive-events", rival]] : [],
    stop: provider.stop,
  };
};

/** Uses a new S3 each time: a file that is already there would not be stored again. */
async function runArchive(url: string, bytes: number): Promise<Figures> {
  const aws = await startLocalAws({
    variables: {},
    secrets: { "newsletter-sync/ownpage": { client: "demo", apiKey: "demo-key" } },
  });
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: `${url}/v1`, secret: "newsletter-sync/ownpage" },
    lists: { daily: { id: 123, source: { kind: "csv", uri: "file:///none.csv" } } },
  });
  try {
    const { result, peakMemoryMb } = await invokeLocally({
      functionName: "archive-events",
      configuration: functionConfiguration(configuration, "archive-events"),
      environment: aws.environment,
      memoryMb: 256,
      event: { date, events: ["nl_click"] },
      onLine: () => undefined,
    });
    if (!result.ok) throw new Error(result.error.errorMessage);
    const { files, ms } = result.payload as ArchiveReport;
    if (files[0]?.outcome !== "stored" || files[0].bytes !== bytes) {
      throw new Error(`the archive did not do its work: ${JSON.stringify(files)}`);
    }
    return { ms, peakMb: peakMemoryMb };
  } finally {
    await aws.stop();
  }
}

async function runCurl(url: string, file: string, bytes: number): Promise<Figures> {
  const startedAt = performance.now();
  await promisify(execFile)("sh", ["-c", 'curl -s "$0" | gzip > "$1"', `${url}${path}`, file]);
  const ms = performance.now() - startedAt;
  if ((await uncompressedSize(file)) !== bytes % 2 ** 32)
    throw new Error("curl and gzip did not do their work");
  return { ms };
}

/** The uncompressed size modulo 2^32, from the end of a gzipped file: the pipe's status is only that of gzip. */
async function uncompressedSize(file: string): Promise<number> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, (await handle.stat()).size - 4);
  return buffer.readUInt32LE();
}
