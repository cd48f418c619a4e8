import { type Change, type Group, groupOf, groups, type PlanChunk } from "../domain/plan.ts";
import type { Return } from "../domain/return.ts";
import { maxBatchBytes, sentBytes } from "../domain/sent-bytes.ts";
import { type PlanName, readChanges } from "../planning/plan-rows.ts";
import { samplesPerGroup } from "../planning/shown-plan.ts";
import { NdjsonChunks } from "../platform/storage/ndjson-chunks.ts";
import { planChunkKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

type Row = Change | Return;

/** Collects a plan's rows while it is being made, group by group; each stored chunk of changes becomes one batch. */
export class PlanWriter {
  /** The first rows of each group. */
  readonly samples = new Map<Group, Row[]>(groups.map((group) => [group, []]));
  readonly #groups: ReadonlyMap<Group, NdjsonChunks<Row>>;

  /** @param rows the most rows of a chunk */
  constructor(store: ObjectStore, { list, planId }: PlanName, rows: number) {
    const limits = { rows, size: maxBatchBytes };
    const changeLimits = { ...limits, sizeOf: (row: Row) => sentBytes(row as Change) };
    const chunksOf = (group: Group) =>
      new NdjsonChunks<Row>(store, group === "return" ? limits : changeLimits, (number) =>
        planChunkKey(list, planId, { group, number }),
      );
    this.#groups = new Map(groups.map((group) => [group, chunksOf(group)]));
  }

  async add(row: Row): Promise<void> {
    const group = groupOf(row);
    const samples = this.samples.get(group)!;
    if (samples.length < samplesPerGroup) samples.push(row);
    await this.#groups.get(group)!.add(row);
  }

  /** @returns what was stored, in the order in which it is to be delivered */
  async finish(): Promise<PlanChunk[]> {
    await Promise.all([...this.#groups.values()].map((chunks) => chunks.finish()));
    return [...this.#groups].flatMap(([group, { chunks }]) =>
      chunks.map(({ rows, sha256 }, number) => ({ group, number, changes: rows, sha256 })),
    );
  }
}

/** Reads the chunks of a stored plan beside each other, and gives them in the order in which they are asked for. */
export class ChunkReader {
  readonly #store: ObjectStore;
  readonly #plan: PlanName;
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(store: ObjectStore, plan: PlanName) {
    this.#store = store;
    this.#plan = plan;
  }

  /** @throws UnusablePlanError as {@link readChanges} */
  read(chunk: PlanChunk): Promise<Change[]> {
    const changes = readChanges(this.#store, this.#plan, chunk);
    const turn = Promise.allSettled([this.#lastTurn, changes]);
    this.#lastTurn = turn;
    return turn.then(() => changes);
  }
}
