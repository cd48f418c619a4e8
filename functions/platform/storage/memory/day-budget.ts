import * as z from "zod";
import { type GroupCounts, groups } from "../../../domain/plan.ts";
import type { MemoryObject } from "./memory-object.ts";

const dayMs = 24 * 3_600_000;
/** From this many runs on, those of the same hour are added up. */
const mostRuns = 200;

const runSchema = z.strictObject({
  runId: z.string(),
  at: z.iso.datetime(),
  /** By group; a later version may know more groups. */
  counts: z.record(z.string(), z.int().nonnegative()),
  /** Why the run does not count against the limits: a person approved it, or it filled an empty list. */
  exempt: z.enum(["approved", "filling"]).optional(),
});
type BudgetedRun = z.infer<typeof runSchema>;
const budgetSchema = z.strictObject({ version: z.literal(1), runs: z.array(runSchema) });

/**
 * What runs did to a list in the last 24 hours. A run writes what it is going to send before its first batch, and
 * corrects that at its end. If it is killed in between, all that it planned counts.
 */
export class DayBudget {
  readonly #object: MemoryObject;
  readonly #now: () => Date;
  #runs: readonly BudgetedRun[];
  /** What earlier runs sent. If that is unknown, every limit but that of `unsubscribe` counts as used up. */
  readonly spent: GroupCounts;

  private constructor(object: MemoryObject, now: () => Date, runs: readonly BudgetedRun[]) {
    this.#object = object;
    this.#now = now;
    this.#runs = recentOf(runs, now());
    this.spent = sumOf(this.#runs, object.isUnknown ? Number.POSITIVE_INFINITY : 0);
  }

  static async open(object: MemoryObject, now: () => Date): Promise<DayBudget> {
    const stored = await object.read((bytes) =>
      budgetSchema.parse(JSON.parse(Buffer.from(bytes).toString())),
    );
    return new DayBudget(object, now, stored?.runs ?? []);
  }

  /** Must be awaited before the first batch is sent. Never rejects. */
  async begin(runId: string, counts: GroupCounts, exempt?: BudgetedRun["exempt"]): Promise<void> {
    await this.#put({ runId, at: this.#now().toISOString(), counts, ...(exempt && { exempt }) });
  }

  /** Replaces the planned counts by what was sent. Never rejects. */
  async end(runId: string, counts: GroupCounts): Promise<void> {
    const begun = this.#runs.find((run) => run.runId === runId);
    await this.#put({ runId, at: this.#now().toISOString(), ...begun, counts });
  }

  /** Replaces a damaged object; otherwise does nothing. Never rejects. */
  async save(): Promise<void> {
    if (this.#object.isDamaged) await this.#write();
  }

  async #put(run: BudgetedRun): Promise<void> {
    const others = this.#runs.filter(({ runId }) => runId !== run.runId);
    const didNothing = Object.values(run.counts).every((count) => count === 0);
    if (didNothing && others.length === this.#runs.length) return;
    const recent = recentOf(others, this.#now());
    this.#runs = [...(recent.length < mostRuns ? recent : byHour(recent)), ...(didNothing ? [] : [run])];
    await this.#write();
  }

  async #write(): Promise<void> {
    const budget: z.infer<typeof budgetSchema> = { version: 1, runs: [...this.#runs] };
    await this.#object.write(Buffer.from(JSON.stringify(budget)));
  }
}

function recentOf(runs: readonly BudgetedRun[], now: Date): readonly BudgetedRun[] {
  const since = now.getTime() - dayMs;
  return runs.filter(({ at }) => Date.parse(at) > since);
}

function sumOf(runs: readonly BudgetedRun[], unknown: number): GroupCounts {
  const counted = runs.filter(({ exempt }) => exempt === undefined);
  const sums = groups.map((group) => {
    const known = counted.reduce((sum, { counts }) => sum + (counts[group] ?? 0), 0);
    return [group, group === "optOut" || group === "unsubscribe" ? known : known + unknown];
  });
  return Object.fromEntries(sums) as GroupCounts;
}

/** Adds up the runs of each hour, as of its last run. Drops those that do not count anyway. */
function byHour(runs: readonly BudgetedRun[]): readonly BudgetedRun[] {
  const counted = runs.filter(({ exempt }) => exempt === undefined);
  const hours = Map.groupBy(counted, ({ at }) => at.slice(0, "2026-01-01T00".length));
  return [...hours.values()].map((ofHour) => {
    const last = ofHour.reduce((latest, run) => (run.at > latest.at ? run : latest));
    const counts: Record<string, number> = {};
    for (const run of ofHour) {
      for (const [group, count] of Object.entries(run.counts)) counts[group] = (counts[group] ?? 0) + count;
    }
    return { ...last, counts };
  });
}
