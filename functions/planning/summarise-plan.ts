import type { ListConfiguration } from "../configuration.ts";
import type { Planner } from "../domain/diff/planner.ts";
import { SourceError } from "../domain/errors.ts";
import type { PlanChunk, PlanSummary } from "../domain/plan.ts";
import { note, type Run } from "../platform/run.ts";
import type { NamedList } from "./named-list.ts";
import type { BothSides } from "./read-both-sides.ts";

/** How long a stored plan may be approved: after that, too much may have changed in the database. */
const planLifetimeMs = 24 * 60 * 60 * 1000;

export interface PlannedChanges {
  readonly list: NamedList;
  /** It has decided on every entry. */
  readonly planner: Planner;
  readonly bothSides: BothSides;
  readonly chunks: readonly PlanChunk[];
}

/**
 * The summary of a plan whose changes are decided and stored. Adds notes for a person.
 *
 * @throws SourceError when the source has rows, but not one that could be a subscriber
 */
export function summarisePlan(
  { list, planner, bothSides, chunks }: PlannedChanges,
  run: Run<{ notes: readonly string[] }>,
): PlanSummary {
  const { counts } = planner;
  counts.desired.rejected += bothSides.rejectedRows;
  counts.desired.unreadableConsents = bothSides.unreadableConsents;
  const { subscribed, unsubscribed, undecided, rejected } = counts.desired;
  if (subscribed + unsubscribed + undecided === 0) {
    const problem = `each of the ${rejected} was set aside; the quarantine tells why`;
    throw new SourceError("its rows", problem);
  }
  for (const text of notesOn(planner, list.configuration)) note(run, text);
  return {
    planId: run.id,
    list: list.name,
    createdAt: run.startedAt.toISOString(),
    sourceReadAt: new Date(bothSides.sourceReadAt).toISOString(),
    expiresAt: new Date(run.startedAt.getTime() + planLifetimeMs).toISOString(),
    columns: [...planner.columns],
    ...counts,
    chunks: [...chunks],
  };
}

function* notesOn(
  { counts, columns }: Pick<Planner, "counts" | "columns">,
  { graceHours, providerFields }: ListConfiguration,
): Generator<string> {
  const { desired, kept, notLifted, notCleared } = counts;
  const unknown = providerFields.filter((name) => !columns.includes(name));
  if (unknown.length > 0) yield `"providerFields" names what the source does not have: ${unknown.join(", ")}`;
  if (desired.sharedGuids > 0) {
    yield `rows sent without their guid, because another row has the same one: ${desired.sharedGuids}`;
  }
  if (kept.grace > 0) {
    yield `readers who subscribed at the provider within ${graceHours} hours and are not in the database: ${kept.grace}`;
  }
  if (kept.recent > 0)
    yield `readers who subscribed at the provider after the database was read: ${kept.recent}`;
  if (kept.mayHaveLeft > 0) {
    yield `readers whom the provider knows and does not have on the list, which they may have left: ${kept.mayHaveLeft}`;
  }
  if (notLifted > 0) {
    yield `readers who opted out of everything at the provider before the consent that the database has: ${notLifted}`;
  }
  if (notCleared > 0)
    yield `readers with a value that the database has emptied and the provider keeps: ${notCleared}`;
  if (kept.refused > 0)
    yield `changes that wait for a week, as the provider refused the same row: ${kept.refused}`;
}
