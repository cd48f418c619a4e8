import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { LookUpReport } from "../../functions/look-up-reader/report.ts";
import {
  encodeBlock,
  encodeRecord,
  recordWords,
} from "../../functions/platform/storage/history/history-block.ts";
import { createReaderHash } from "../../functions/platform/storage/history/reader-hash.ts";
import { wordOf } from "../../functions/platform/storage/memory/entry.ts";
import { eventsKey, historyKey, reportKey } from "../../functions/platform/storage/object-keys.ts";
import { createObjectStore, type ObjectStore } from "../../functions/platform/storage/object-store.ts";
import { createS3Client } from "../../functions/platform/storage/s3-client.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { historySecret } from "../../infra/history-key.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type MeasuredFigures, type Prepare, peakMb, seconds } from "./comparison.ts";
import { runScript, startServer } from "./processes.ts";
import { withSandbox } from "./run-sync.ts";
import { writeSource } from "./write-source.ts";

const reader = "Reader.17@example.fr";
const key = "0123456789abcdef0123456789abcdef";
const days = 365;
const runsADay = 24;
const shareChangedADay = 0.01;
const archivedFiles = 2500;
/** Of CSV, which gzip makes 1 MB of. */
const archivedBytes = 1_900_000;

/**
 * One reader's file: what a year of hourly runs wrote down, each of which changed its part of 1 % of the list a day; the
 * whole answer, for which both sides are read; and the reader erased from an archive.
 */
export const prepareLookUp: Prepare = async ({ size, folder }) => {
  const sourceFile = join(folder, "source.csv");
  await writeSource(sourceFile, { size, percentChanged: 0 });
  const s3 = await startServer("s3-server.ts", []);
  const aws = await startLocalAws({
    variables: { AWS_ENDPOINT_URL_S3: s3.url },
    secrets: {
      [historySecret]: { key },
      "newsletter-sync/ownpage": { client: "demo", apiKey: "demo-key" },
    },
  });
  const store = storeOf(aws, "EXCHANGE_BUCKET");
  await writeHistory(store, size);
  await writeArchive(storeOf(aws, "ARCHIVE_BUCKET"));
  const hash = Buffer.from(createReaderHash(key)(reader.toLowerCase()), "latin1").toString("hex");
  const look = (event: object) => withSandbox(size, (url) => lookUp({ url, sourceFile, aws }, event));
  return {
    headline: `look-up: one of ${size.toLocaleString("en-US")} readers, ${days} days of ${runsADay} runs`,
    contenders: {
      "the history alone": () => runScript("run-look-up.ts", [hash], aws.environment),
      "the whole answer": () => look({ email: reader }),
      [`erased, with ${archivedFiles} archived files of 1 MB`]: () => look({ email: reader, erase: true }),
    },
    columns: [seconds, peakMb],
    ratios: [],
    // What was erased is not there any more.
    rounds: 1,
    stop: async () => {
      await Promise.all([aws.stop(), s3.stop()]);
    },
  };
};

function storeOf({ environment }: LocalAws, bucket: "EXCHANGE_BUCKET" | "ARCHIVE_BUCKET"): ObjectStore {
  Object.assign(process.env, environment);
  return createObjectStore(createS3Client(), environment[bucket] ?? "");
}

/** As runs would have written it: a plan and what became of it, of random readers, and of this one once a month. */
async function writeHistory(store: ObjectStore, size: number): Promise<void> {
  const rows = Math.ceil((size * shareChangedADay) / runsADay);
  const known = createReaderHash(key)(reader.toLowerCase());
  for (let day = 0; day < days; day++) {
    const at = new Date(Date.UTC(2026, 0, 1 + day));
    const blocks = Array.from({ length: runsADay }, (_, hour) =>
      [false, true].map((isOver) => {
        const isTheirs = hour === 4 && day % 30 === 0;
        const run = `${at.toISOString().slice(0, 10).replaceAll("-", "")}T${String(hour).padStart(2, "0")}0000Z-bench`;
        const header = {
          ...{ run, at: at.toISOString(), job: "sync-subscribers", startedBy: "schedule" as const, isOver },
          ...{ delivers: [] as "update"[], hasTold: false, reasons: ["not at the provider"] },
        };
        return encodeBlock(
          header,
          recordsOf(rows, isTheirs ? known : undefined, isOver ? "done" : "planned"),
        );
      }),
    );
    await store.put(historyKey("daily", at.toISOString().slice(0, 10)), Buffer.concat(blocks.flat()));
    for (let hour = 0; hour < runsADay; hour++) {
      const id = `${at.toISOString().slice(0, 10).replaceAll("-", "")}T${String(hour).padStart(2, "0")}0000Z-bench`;
      await store.put(reportKey("sync-subscribers", "daily", id), Buffer.from("{}"));
    }
  }
}

function recordsOf(rows: number, known: string | undefined, stage: "planned" | "done"): Uint32Array {
  const random = randomBytes(4 * recordWords * rows);
  const words = new Uint32Array(random.buffer.slice(random.byteOffset, random.byteOffset + random.length));
  const [what, minutes] = encodeRecord("subscribe", stage, { reason: 0 });
  for (let at = 0; at < words.length; at += recordWords) words.set([what, minutes], at + 2);
  if (known !== undefined) words.set([wordOf(known, 0), wordOf(known, 1)], 0);
  return words;
}

/** Files of rows that gzip cannot make much of, every second one with the reader in it. */
async function writeArchive(store: ObjectStore): Promise<void> {
  const ofOthers = Array.from({ length: archivedBytes / 60 }, (_, n) => {
    const id = randomBytes(24).toString("base64url");
    return `2026-01-01 10:00:00,reader.${n}.${id}@example.fr,1,2,3\n`;
  });
  const files = [`2026-01-01 10:00:00,${reader},1,2,3\n`, ""].map((theirs) =>
    gzipSync(["date,email,campaign_id,newsletter_id,email_list_id\n", ...ofOthers, theirs].join("")),
  );
  for (let n = 0; n < archivedFiles; n++) {
    const date = new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10);
    await store.put(eventsKey("nl_display", date), files[n % files.length]!);
  }
}

interface Look {
  readonly url: string;
  readonly sourceFile: string;
  readonly aws: LocalAws;
}

async function lookUp({ url, sourceFile, aws }: Look, event: object): Promise<MeasuredFigures> {
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage" },
    lists: { daily: { id: 123, source: { kind: "csv", uri: pathToFileURL(sourceFile).href } } },
  });
  const fn = await startLocalFunction({
    functionName: "look-up-reader",
    configuration: functionConfiguration(configuration, "look-up-reader"),
    environment: aws.environment,
    memoryMb: 512,
    onLine: () => undefined,
  });
  try {
    const result = await fn.invoke(event);
    if (!result.ok) throw new Error(result.error.errorMessage);
    return { ms: (result.payload as LookUpReport).ms, peakMb: fn.peakMemoryMb };
  } finally {
    await fn.stop();
  }
}
