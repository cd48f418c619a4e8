import pMap from "p-map";
import type { Planner } from "../domain/diff/planner.ts";
import type { PlanSummary } from "../domain/plan.ts";
import { readChanges, readReturns } from "../planning/plan-rows.ts";
import type { Run } from "../platform/run.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

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
  const refusedBefore = { optOut: 0, unsubscribe: 0 };
  const chunks = await pMap(
    plan.chunks,
    async (chunk) => {
      signal.throwIfAborted();
      if (chunk.group === "return") {
        const returns = await readReturns(store, plan, chunk);
        return { ...chunk, changes: returns.filter((told) => planner.stillAsksFor(told)).length };
      }
      const changes = await readChanges(store, plan, chunk);
      const wanted = changes.filter((change) => planner.stillAsksFor(change));
      const { group } = chunk;
      if (group === "optOut" || group === "unsubscribe") {
        refusedBefore[group] += wanted.filter((change) => planner.wasRefused(change)).length;
      }
      return { ...chunk, changes: wanted.length };
    },
    { concurrency },
  );
  return { ...plan, current: planner.counts.current, refusedBefore, chunks };
}
