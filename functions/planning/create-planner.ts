import { Planner } from "../domain/diff/planner.ts";
import type { Remembered } from "../domain/remembered.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { BothSides } from "./read-both-sides.ts";

/** Loads of the memory what the decisions depend on. */
export async function createPlanner({ differences }: BothSides, memory: ListMemory): Promise<Planner> {
  const nothing: Pick<Remembered, "lastActOn"> = { lastActOn: () => undefined };
  const acts = differences.dependsOnActs ? await memory.acts() : nothing;
  const refusals = await memory.refusals();
  return new Planner(differences, {
    lastActOn: (canonical) => acts.lastActOn(canonical),
    ...(!refusals.isEmpty && { wasRefused: (change) => refusals.wasRefused(change) }),
  });
}
