import type { S3Client } from "@aws-sdk/client-s3";
import * as z from "zod";
import type { Clock } from "../platform/clock.ts";
import { databaseFields } from "../platform/database/database-secret.ts";
import type { ReadSecret } from "../platform/secrets.ts";
import type { SourceBatch } from "./source-batch.ts";

/** Where the desired subscribers of a list are read. */
export const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("postgres"),
    ...databaseFields,
    query: z.string().min(1),
  }),
  z.strictObject({
    kind: z.literal("csv"),
    /** `s3://bucket/key`, or `file:///path` on this machine. */
    uri: z.string().regex(/^(s3:\/\/[^/]+\/.+|file:\/\/\/.+)$/, "expected s3://bucket/key or file:///path"),
    /** A WHATWG label: `utf-8`, `windows-1252`, … */
    encoding: z
      .string()
      .refine(isEncoding, "expected a WHATWG encoding, such as utf-8 or windows-1252")
      .default("utf-8"),
    /** How long ago the file may have been written. A week and a day by default, for a file of every week. */
    maxAgeHours: z.number().positive().default(192),
  }),
]);
export type SourceConfiguration = z.infer<typeof sourceSchema>;

/** What opening a source may take. */
export interface SourceAccess {
  readonly s3: S3Client;
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
  /** Stops the opening and the reading at once; its reason is thrown unchanged. */
  readonly signal: AbortSignal;
}

/** An open source. Its rows can be read once. */
export interface OpenSource {
  /** The columns' names, in the rows' order: `email`, `subscribed`, `guid`, `data_*`, … */
  readonly columns: readonly string[];
  /** The time (ms since the epoch) of the state of the database that the rows show. */
  readonly readAt: number;
  /** @throws SourceError when the source fails midway or has no rows: a list is never cut short */
  batches(): AsyncIterable<SourceBatch>;
  /** Closes the file or the connection, whether or not all rows were read. */
  close(): Promise<void>;
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
