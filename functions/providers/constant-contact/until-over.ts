import { ProviderContractError } from "../../domain/provider-errors.ts";
import type { Clock } from "../../platform/clock.ts";
import { type Activity, isOver } from "./answers.ts";
import type { ConstantContactClient } from "./client.ts";

/** How long until an activity is looked at, which may be over at once or take hours: longer each time. */
const waits = { firstMs: 500, growth: 1.5, longestMs: 15_000 };
/** How long the provider may not show an activity that it has just begun. */
const lagMs = 60_000;

interface WaitingTools {
  readonly client: Pick<ConstantContactClient, "activity">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Waits for the end of an activity. */
export async function untilOver(begun: Activity, { client, clock, signal }: WaitingTools): Promise<Activity> {
  const shownBy = clock.now() + lagMs;
  let activity = begun;
  for (let waitMs = waits.firstMs; !isOver(activity); ) {
    await clock.wait(waitMs, signal);
    waitMs = Math.min(waitMs * waits.growth, waits.longestMs);
    const shown = await client.activity(begun.id, signal);
    if (shown === undefined && clock.now() >= shownBy)
      throw new ProviderContractError(
        "GET /activities/{activity}",
        "it does not know an activity that it began",
      );
    activity = shown ?? activity;
  }
  return activity;
}
