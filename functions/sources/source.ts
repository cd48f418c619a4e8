import * as z from "zod";

/** Where the subscribers that the publisher wants come from. */
export const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("postgres"),
    /** The name of a secret in the shape that RDS writes: engine, host, port, username, password, dbname. */
    secret: z.string().min(1),
    query: z.string().min(1),
  }),
  z.strictObject({
    kind: z.literal("csv"),
    /** `s3://bucket/key`, or `file:///path` on this machine. */
    uri: z.string().regex(/^(s3:\/\/[^/]+\/.+|file:\/\/\/.+)$/, "expected s3://bucket/key or file:///path"),
    /** The file's encoding, by its WHATWG label: `utf-8`, `windows-1252`, … */
    encoding: z
      .string()
      .refine(isEncoding, "expected a WHATWG encoding, such as utf-8 or windows-1252")
      .default("utf-8"),
  }),
]);
export type SourceConfiguration = z.infer<typeof sourceSchema>;

/** One row of a source: a text for each column, null for no value. */
export type SourceRow = readonly (string | null)[];

/** Rows that were read together. */
export interface SourceBatch {
  readonly rows: readonly SourceRow[];
  /** How to name the row at a position of `rows` in a message: `line 3` or `row 2`. */
  placeOf(position: number): string;
}

/** A source that has been opened; its rows are read once, in batches. */
export interface OpenSource {
  /** The columns' names, in the rows' order: `email`, `subscribed`, `guid`, `data_*`, … */
  readonly columns: readonly string[];
  /** The time (ms since the epoch) whose state of the database the rows show. */
  readonly readAt: number;
  /** @throws SourceError when the source fails midway or holds no rows: never a short list. */
  batches(): AsyncIterable<SourceBatch>;
  /** Lets go of the file or the connection, also when the rows were not read to their end. */
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
