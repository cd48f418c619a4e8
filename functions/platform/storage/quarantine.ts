import type { QuarantinedRow } from "../../domain/quarantined-row.ts";
import { NdjsonChunks } from "./ndjson-chunks.ts";
import { quarantineKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

/** Where a run records the rows that it sets aside. */
export type Quarantine = NdjsonChunks<QuarantinedRow>;

const chunkLimits = { rows: 10_000, size: 4_000_000 };

export function createQuarantine(store: ObjectStore, list: string, runId: string): Quarantine {
  return new NdjsonChunks(store, chunkLimits, (chunk) => quarantineKey(list, runId, chunk));
}
