import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../../functions/platform/clock.ts";
import { openCsv } from "../../../functions/sources/csv/open-csv.ts";
import { readAll } from "../read-source.ts";

const s3 = new S3Client({ region: "eu-west-3" });
const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-csv-"));
const never = new AbortController().signal;
let files = 0;

/** @returns the URI of a new file with this content */
export function writeCsv(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, content);
  return pathToFileURL(path).href;
}

export function openUri(
  uri: string,
  { encoding = "utf-8", maxAgeHours = 192, clock = systemClock, signal = never } = {},
) {
  return openCsv({ kind: "csv", uri, encoding, maxAgeHours }, { s3, clock, signal });
}

/** Reads a file of this content. */
export async function readCsv(content: string | Uint8Array, encoding = "utf-8") {
  const source = await openUri(writeCsv(content), { encoding });
  return { columns: source.columns, rows: await readAll(source) };
}

export function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A file of many chunks: 40,000 rows under a header. */
export function manyRows(header: string, row: (index: number) => string): string {
  return `${header}\n${Array.from({ length: 40_000 }, (_, index) => `${row(index)}\n`).join("")}`;
}
