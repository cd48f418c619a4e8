import { CurrentMatcher } from "../../../functions/domain/diff/current-matcher.ts";
import { DesiredMatcher } from "../../../functions/domain/diff/desired-matcher.ts";
import { Planner } from "../../../functions/domain/diff/planner.ts";
import { SubscriberIndex } from "../../../functions/domain/diff/subscriber-index.ts";
import { packCurrent, packDesired } from "../../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../../functions/domain/records/record-writer.ts";
import type { CurrentSubscriber } from "../../../functions/domain/subscriber.ts";
import { type DesiredRow, desired } from "../../support/desired-rows.ts";

const columns = ["guid", "data_firstname"];

/** A row of the provider's list: only what the test is about. */
type CurrentRow = Partial<CurrentSubscriber> & { readonly email: string };

/** The plan for a list with these rows at the provider and in the source. */
export function planFor(current: readonly CurrentRow[], rows: readonly DesiredRow[]) {
  const writer = new RecordWriter();
  const index = new SubscriberIndex(columns, current.length);
  for (const row of current) {
    packCurrent(writer, columns, { subscribed: true, recent: false, fields: {}, ...row });
  }
  new CurrentMatcher(index).match({ records: writer.finish(), showsGuid: true, showsData: true });
  const matcher = new DesiredMatcher(index);
  for (const row of rows) packDesired(writer, columns, desired(row));
  matcher.match(writer.finish());
  const policy = { onlyAtProvider: "unsubscribe", resubscribeBounced: false } as const;
  const planner = new Planner({ index, matcher, policy });
  return { steps: [...planner.steps()], counts: planner.counts };
}

export function kindsOf(steps: readonly { readonly kind: string; readonly email: string }[]) {
  return steps.map(({ kind, email }) => [kind, email]);
}
