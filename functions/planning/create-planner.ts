import { Planner } from "../domain/diff/planner.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { BothSides } from "./read-both-sides.ts";

/** Loads of the memory what the decisions depend on. */
export async function createPlanner({ differences }: BothSides, memory: ListMemory): Promise<Planner> {
  const nothing = { lastActOn: () => undefined, actsKnownSince: Number.NEGATIVE_INFINITY };
  const acts = differences.dependsOnActs ? await memory.acts() : nothing;
  const refusals = await memory.refusals();
  return new Planner(differences, {
    lastActOn: (canonical) => acts.lastActOn(canonical),
    actsKnownSince: acts.actsKnownSince,
    ...(!refusals.isEmpty && { wasRefused: (change) => refusals.wasRefused(change) }),
  });
}
