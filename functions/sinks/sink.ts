import * as z from "zod";
import type { Return } from "../domain/return.ts";
import type { Clock } from "../platform/clock.ts";
import { databaseFields } from "../platform/database/database-secret.ts";
import type { ReadSecret } from "../platform/secrets.ts";
import type { FileStore } from "../platform/storage/file-store.ts";

/** Where the returns of a list go. */
export const sinkSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("postgres"),
    ...databaseFields,
    /** Each is one select, insert, update, delete or merge, and reads the table `changes`. */
    statements: z.array(z.string().min(1)).min(1, "expected one statement at least"),
  }),
  z.strictObject({ kind: z.literal("csv") }),
]);
export type SinkConfiguration = z.infer<typeof sinkSchema>;

/** What a sink needs of the run that it works for. */
export interface SinkAccess {
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
  /** The exchange bucket. */
  readonly files: FileStore;
  /** The list's name. */
  readonly list: string;
  readonly runId: string;
}

interface TakeOptions {
  /** False to try everything and leave nothing behind. */
  readonly commit: boolean;
  /** Stops the work, on a server too; its reason is thrown unchanged. */
  readonly signal: AbortSignal;
}

/** What a sink took, or would have taken. */
export interface Taken {
  readonly rows: number;
  /** How many rows each statement changed; empty for a sink that has none. */
  readonly statements: readonly number[];
}

/** Where returns go. */
export interface Sink {
  /**
   * Takes all returns or none, at its own pace. It does not ask for more than it can put away, and holds no more than a
   * batch. An error of `returns` is thrown unchanged.
   *
   * @throws SinkError when the database cannot be reached or refuses; CredentialError for its secret
   */
  take(returns: AsyncIterable<readonly Return[]>, options: TakeOptions): Promise<Taken>;
}
