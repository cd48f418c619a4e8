import type { BatchOutcome } from "../domain/apply-batch.ts";
import type { Group, PlanSummary } from "../domain/plan.ts";
import { ProviderContractError } from "../domain/provider-errors.ts";
import type { Discrepancy } from "../domain/reconcile.ts";
import type { AppliedCounts, DiscrepancySum } from "./report.ts";

/** Up to this many refusals, or half of what was sent if that is more, the rows are taken to be at fault. */
const mostRefused = 50;

/** What is reported of a plan of which no change has been sent. */
export function nothingApplied({ chunks }: PlanSummary, groups: ReadonlySet<Group>): AppliedCounts {
  const byKind = { subscribe: 0, resubscribe: 0, update: 0, unsubscribe: 0 };
  const ends = { quarantined: 0, refusedAgain: 0, stale: 0, waiting: 0, left: 0 };
  const counts = { batches: 0, accepted: 0, ...byKind, ...ends };
  for (const { group, changes } of chunks) {
    if (group !== "return") counts[groups.has(group) ? "left" : "waiting"] += changes;
  }
  return counts;
}

/** Adds up what becomes of a plan's changes. `counts` is true at any time. */
export class AppliedTally {
  readonly counts: AppliedCounts;
  /** How many changes may be sent. */
  readonly total: number;
  readonly #discrepancies = new Map<string, DiscrepancySum>();

  constructor(summary: PlanSummary, groups: ReadonlySet<Group>) {
    this.counts = nothingApplied(summary, groups);
    this.total = this.counts.left;
  }

  get discrepancies(): DiscrepancySum[] {
    return [...this.#discrepancies.values()];
  }

  /** Changes that were not given to the provider at all. */
  addStale(changes: number): void {
    this.counts.stale += changes;
    this.counts.left -= changes;
  }

  /** Changes that an earlier run saw refused, and that were refused again. */
  addRefusedAgain(changes: number): void {
    this.counts.refusedAgain += changes;
    this.counts.left -= changes;
  }

  addOutcome({ applied, refused, stale, discrepancies }: BatchOutcome): void {
    const { counts } = this;
    for (const { kind } of applied) counts[kind]++;
    counts.accepted += applied.length;
    counts.quarantined += refused.length;
    counts.left -= applied.length + refused.length;
    this.addStale(stale);
    for (const discrepancy of discrepancies) this.#addDiscrepancy(discrepancy);
  }

  /** What a person should know of it. */
  *notes(): Generator<string> {
    const { quarantined, refusedAgain } = this.counts;
    if (quarantined > 0) {
      yield `the provider refused ${quarantined} of ${this.total} changes: they are in the quarantine`;
    }
    if (refusedAgain > 0)
      yield `changes that the provider refused again, as in earlier runs: ${refusedAgain}`;
  }

  /** The error of a run in which so many changes were refused for the first time that the fault is hardly theirs. */
  refusesTooMuch(): ProviderContractError | undefined {
    const { accepted, quarantined, refusedAgain } = this.counts;
    const sent = accepted + quarantined + refusedAgain;
    if (quarantined <= Math.max(mostRefused, sent / 2)) return undefined;
    const problem =
      `${quarantined} of ${sent} rows were refused for the first time, and are in the quarantine; everything else was ` +
      "sent. The fault is unlikely to be theirs";
    return new ProviderContractError("writing batches", problem);
  }

  #addDiscrepancy({ counter, predicted, answered, afterRetry }: Discrepancy): void {
    const sum = this.#discrepancies.get(counter) ?? {
      counter,
      predicted: 0,
      answered: 0,
      batches: 0,
      afterRetry: 0,
    };
    sum.predicted += predicted;
    sum.answered += answered;
    sum.batches++;
    if (afterRetry) sum.afterRetry++;
    this.#discrepancies.set(counter, sum);
  }
}
