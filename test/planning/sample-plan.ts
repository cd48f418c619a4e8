import {
  type Change,
  type Group,
  groupOf,
  groups,
  keptReasons,
  type PlanSummary,
} from "../../functions/domain/plan.ts";
import { type Return, returnKinds } from "../../functions/domain/return.ts";
import type { Samples } from "../../functions/planning/shown-plan.ts";

type Row = Change | Return;

export function subscribe(email: string, fields: Record<string, string> = {}): Change {
  return { kind: "subscribe", email, reason: "not at the provider", fields, saw: null };
}

export const unsubscribe: Change = {
  kind: "unsubscribe",
  email: "hugo@example.fr",
  reason: "unsubscribed in the database",
  cause: "PUBLISHER",
  saw: { subscribed: true, fields: {} },
};

export const left: Return = {
  kind: "return",
  tells: "unsubscribed",
  address: "chloe@example.fr",
  email: "Chloe@example.fr",
  reason: "unsubscribed at the provider, cause READER",
  cause: "READER",
  changedAt: "2026-03-01T09:00:12.345Z",
  guid: "3",
};

export interface PlanOptions {
  readonly kept?: Partial<PlanSummary["kept"]>;
  /** How many rows of each group there are beside those that are given. */
  readonly more?: Partial<Record<Group, number>>;
}

/** A plan of these rows, all of which are samples. */
export function planOf(
  rows: readonly Row[],
  { kept = {}, more = {} }: PlanOptions = {},
): { plan: PlanSummary; samples: Samples } {
  const samples = Map.groupBy(rows, (row) => groupOf(row));
  const chunks = groups.map((group) => ({
    group,
    number: 0,
    changes: (samples.get(group)?.length ?? 0) + (more[group] ?? 0),
    sha256: "",
  }));
  const zeros = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  const plan: PlanSummary = {
    planId: "20260301T090000Z-07a615b6",
    list: "daily",
    createdAt: "2026-03-01T09:00:00.000Z",
    sourceReadAt: "2026-03-01T08:59:00.000Z",
    expiresAt: "2026-03-02T09:00:00.000Z",
    columns: ["guid"],
    current: { subscribed: 100, unsubscribed: 0 },
    desired: {
      ...zeros(["subscribed", "unsubscribed", "undecided", "rejected", "duplicates", "sharedGuids"]),
      unreadableConsents: 0,
    },
    planned: {
      ...zeros(["subscribe", "resubscribe", "update", "unsubscribe", "unchanged"]),
      returns: zeros(returnKinds),
    },
    kept: { ...zeros(keptReasons), ...kept },
    notLifted: 0,
    notCleared: 0,
    refusedBefore: { optOut: 0, unsubscribe: 0 },
    chunks: chunks.filter(({ changes }) => changes > 0),
  };
  return { plan, samples };
}
