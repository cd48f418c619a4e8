import pMap from "p-map";
import type { Planner } from "../domain/diff/planner.ts";
import type { PlanSummary } from "../domain/plan.ts";
import type { Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import { readChanges } from "./plan-store.ts";

/** How many chunks are in memory at the same time. */
const concurrency = 4;

/**
 * A stored plan as it stands now: of its changes, only those count that both sides still ask for. What its own run has
 * done already would else count twice against the limits of the day.
 *
 * @throws UnusablePlanError when any of its chunks is missing or was altered
 */
export async function stillWanted(
  plan: PlanSummary,
  { planner, store }: { readonly planner: Planner; readonly store: ObjectStore },
  { signal }: Pick<Run<unknown>, "signal">,
): Promise<PlanSummary> {
  const chunks = await pMap(
    plan.chunks,
    async (chunk) => {
      signal.throwIfAborted();
      const changes = await readChanges(store, plan, chunk);
      return { ...chunk, changes: changes.filter((change) => planner.stillAsksFor(change)).length };
    },
    { concurrency },
  );
  return { ...plan, current: planner.counts.current, chunks };
}
