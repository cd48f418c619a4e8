import type { QuarantinedRow } from "../../domain/quarantined-row.ts";
import type { RunHistory } from "./history/run-history.ts";
import type { RejectionMemory, SeenRow } from "./memory/rejection-memory.ts";
import { NdjsonChunks } from "./ndjson-chunks.ts";
import { quarantineKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

const chunkLimits = { rows: 10_000, size: 4_000_000 };

interface QuarantineOptions {
  readonly store: ObjectStore;
  readonly list: string;
  readonly runId: string;
  /** Which rows of the source earlier runs have set aside. Opened with the first such row. */
  readonly memory: { rejections(): Promise<RejectionMemory> };
  /** Whom the run touches. */
  readonly history?: RunHistory | undefined;
}

/** Where a run records the rows that it sets aside. */
export class Quarantine {
  readonly #chunks: NdjsonChunks<QuarantinedRow>;
  readonly #memory: QuarantineOptions["memory"];
  readonly #history: RunHistory | undefined;
  #rejections: RejectionMemory | undefined;

  constructor({ store, list, runId, memory, history }: QuarantineOptions) {
    this.#chunks = new NdjsonChunks(store, chunkLimits, (chunk) => quarantineKey(list, runId, chunk));
    this.#memory = memory;
    this.#history = history;
  }

  /** Of the rejected rows, those that no earlier run of the list has set aside. */
  get newlyRejected(): number {
    return this.#rejections?.newRows ?? 0;
  }

  async add(row: QuarantinedRow): Promise<void> {
    this.#history?.addSetAside(row);
    await this.#chunks.add(row);
  }

  /** Adds a row of the source. */
  async reject({ email, reason, guid, place }: SeenRow & Pick<QuarantinedRow, "place">): Promise<void> {
    this.#rejections ??= await this.#memory.rejections();
    this.#rejections.see({ email, reason, ...(guid !== undefined && { guid }) });
    await this.add({ email, reason, ...(place !== undefined && { place }) });
  }

  /** Stores the last rows, and waits until everything is stored. */
  async finish(): Promise<void> {
    await this.#chunks.finish();
  }

  /** Discards all rows: the next ones overwrite their objects. */
  async restart(): Promise<void> {
    this.#rejections?.restart();
    this.#history?.restart();
    await this.#chunks.restart();
  }
}
