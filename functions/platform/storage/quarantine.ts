import type { Change } from "../../domain/plan.ts";
import { NdjsonChunks } from "./ndjson-chunks.ts";
import { quarantineKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

/** A row that was set aside: what it was, and why. Beside plans and imports, the one place where addresses stand. */
interface QuarantinedRow {
  readonly email: string;
  readonly reason: string;
  /** Where in the source it stood, if it never became a change. */
  readonly place?: string;
  /** What was to be done with it. */
  readonly change?: Change;
}

export type Quarantine = NdjsonChunks<QuarantinedRow>;

const rowsPerChunk = 10_000;

export function createQuarantine(store: ObjectStore, list: string, runId: string): Quarantine {
  return new NdjsonChunks(store, rowsPerChunk, (chunk) => quarantineKey(list, runId, chunk));
}
