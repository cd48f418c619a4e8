import * as z from "zod";
import { type Change, changeSchema, type Group, groupOf, groups, type PlanChunk } from "../domain/plan.ts";
import { UnusablePlanError } from "../domain/plan-errors.ts";
import { type Return, returnSchema } from "../domain/return.ts";
import { maxBatchBytes, sentBytes } from "../domain/sent-bytes.ts";
import { samplesPerGroup } from "../planning/shown-plan.ts";
import { NdjsonChunks, readChunk } from "../platform/storage/ndjson-chunks.ts";
import { planChunkKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

const changesSchema = z.array(changeSchema);
const returnsSchema = z.array(returnSchema);

type Row = Change | Return;

/** Names a stored plan. */
interface PlanName {
  readonly list: string;
  readonly planId: string;
}

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

/** @throws UnusablePlanError when the chunk is missing, or is not the one that was stored with the plan */
export async function readChanges(store: ObjectStore, plan: PlanName, chunk: PlanChunk): Promise<Change[]> {
  return changesSchema.parse(await readRows(store, plan, chunk));
}

/** @throws as readChanges */
export async function readReturns(store: ObjectStore, plan: PlanName, chunk: PlanChunk): Promise<Return[]> {
  return returnsSchema.parse(await readRows(store, plan, chunk));
}

async function readRows(
  store: ObjectStore,
  { list, planId }: PlanName,
  chunk: PlanChunk,
): Promise<unknown[]> {
  const rows = await readChunk(store, planChunkKey(list, planId, chunk), chunk.sha256);
  if (rows !== undefined) return rows;
  throw new UnusablePlanError(planId, `its chunk ${chunk.group} ${chunk.number} is missing or was altered`);
}
