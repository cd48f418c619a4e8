import { CurrentMatcher } from "../../../functions/domain/diff/current-matcher.ts";
import { DesiredMatcher } from "../../../functions/domain/diff/desired-matcher.ts";
import { Differences } from "../../../functions/domain/diff/differences.ts";
import { Planner } from "../../../functions/domain/diff/planner.ts";
import { Shields } from "../../../functions/domain/diff/shields.ts";
import { SubscriberIndex } from "../../../functions/domain/diff/subscriber-index.ts";
import type { Policy } from "../../../functions/domain/policy.ts";
import { packCurrent, packDesired } from "../../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../../functions/domain/records/record-writer.ts";
import type { Remembered } from "../../../functions/domain/remembered.ts";
import type { CurrentSubscriber } from "../../../functions/domain/subscriber.ts";
import { type DesiredRow, desired } from "../../support/desired-rows.ts";

const columns = ["guid", "data_firstname"];

export const sourceReadAt = Date.UTC(2026, 6, 1);
export const policy: Omit<Policy, "comparable"> = {
  onlyAtProvider: "unsubscribe",
  resubscribeBounced: false,
  resubscribePublisher: "ours",
  clearsFields: true,
  providerFields: [],
  givesConsents: true,
  sourceReadAt,
  lastReadAt: sourceReadAt,
  graceMs: 24 * 3_600_000,
};
export const nothingRemembered: Remembered = { lastActOn: () => undefined, wasRefused: () => false };

/** A row of the provider's list: only what the test is about. */
type CurrentRow = Partial<CurrentSubscriber> & { readonly email: string };

interface Circumstances {
  readonly policy?: Partial<Policy>;
  readonly remembered?: Partial<Remembered>;
  readonly shielded?: readonly { readonly email: string; readonly guid?: string }[];
}

/** The plan for a list with these rows at the provider and in the source. */
export function planFor(
  current: readonly CurrentRow[],
  rows: readonly DesiredRow[],
  circumstances: Circumstances = {},
) {
  const writer = new RecordWriter();
  const index = new SubscriberIndex(columns, current.length);
  for (const row of current) packCurrent(writer, columns, { subscribed: true, fields: {}, ...row });
  new CurrentMatcher(index).match({ records: writer.finish(), showsGuid: true, showsData: true });
  const matcher = new DesiredMatcher(index);
  for (const row of rows) packDesired(writer, columns, desired(row));
  matcher.match(writer.finish());
  const shields = new Shields();
  for (const row of circumstances.shielded ?? []) shields.add({ ...row, unsubscribed: false });
  const differences = new Differences({
    index,
    matcher,
    policy: { ...policy, ...circumstances.policy },
    shields,
  });
  const planner = new Planner(differences, { ...nothingRemembered, ...circumstances.remembered });
  const { no: steps = [], yes: returns = [] } = Object.groupBy(planner.steps(), ({ kind }) =>
    kind === "return" ? "yes" : "no",
  );
  return { steps, returns, counts: planner.counts, dependsOnActs: differences.dependsOnActs };
}

export function kindsOf(steps: readonly { readonly kind: string; readonly email: string }[]) {
  return steps.map(({ kind, email }) => [kind, email]);
}
