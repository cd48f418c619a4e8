import * as z from "zod";
import { type Group, type GroupCounts, groups } from "../../../domain/plan.ts";
import type { DoneInADay } from "../../../domain/safety.ts";
import { MemoryObject, type MemoryObjectOptions } from "./memory-object.ts";

const dayMs = 24 * 3_600_000;
/** From this many runs on, those of the same hour are added up. */
const mostRuns = 200;

const runSchema = z.strictObject({
  runId: z.string(),
  at: z.iso.datetime(),
  /** By group; a later version may know more groups. */
  counts: z.record(z.string(), z.int().nonnegative()),
  /** Why the run does not count against limits: a person approved it, or its new subscribers filled an empty list. */
  exempt: z.enum(["approved", "filling"]).optional(),
});
type BudgetedRun = z.infer<typeof runSchema>;
const budgetSchema = z.strictObject({
  version: z.literal(1),
  runs: z.array(runSchema),
  /** When it was found that the budget before this one was lost. */
  lostAt: z.iso.datetime().optional(),
  /** When a run began to fill the empty list, as long as no run has finished that. */
  fillingSince: z.iso.datetime().optional(),
});
type StoredBudget = z.infer<typeof budgetSchema>;

const strictReading = "all daily limits but that of unsubscriptions count as used up";

interface DayBudgetOptions extends Pick<MemoryObjectOptions, "store" | "key" | "note"> {
  /** Whether no run has worked on the list before; else a missing budget is a lost one. */
  readonly isFirstRun: boolean;
  now(): Date;
}

/**
 * What runs did to a list in the last 24 hours. A run writes what it is going to send before its first batch, and
 * corrects that at its end. If it is killed in between, all that it planned counts.
 */
export class DayBudget implements DoneInADay {
  readonly #object: MemoryObject;
  readonly #now: () => Date;
  #runs: readonly BudgetedRun[];
  readonly #lostAt: string | undefined;
  #fillingSince: string | undefined;
  /**
   * What earlier runs sent unseen. If that is unknown, every limit but that of `unsubscribe` counts as used up: for this
   * run if S3 failed, and for 24 hours if the budget was lost.
   */
  readonly spent: GroupCounts;
  readonly isFilling: boolean;

  private constructor(object: MemoryObject, now: () => Date, stored: StoredBudget) {
    const isRecent = (at: string | undefined) => at !== undefined && isWithinADay(at, now());
    this.#object = object;
    this.#now = now;
    this.#runs = stored.runs.filter(({ at }) => isRecent(at));
    this.#lostAt = isRecent(stored.lostAt) ? stored.lostAt : undefined;
    this.#fillingSince = isRecent(stored.fillingSince) ? stored.fillingSince : undefined;
    this.spent = sumOf(this.#runs, { isUnknown: this.#lostAt !== undefined || object.isUnreadable });
    this.isFilling = this.#fillingSince !== undefined;
  }

  /** Writes a budget if there is none, so that later runs know that there was one. Never rejects. */
  static async open({ isFirstRun, now, ...place }: DayBudgetOptions): Promise<DayBudget> {
    const openedAt = now().toISOString();
    const object = new MemoryObject({
      ...place,
      mustExist: !isFirstRun,
      strictReading,
      readingOnceLost: readingOnceLost(openedAt),
    });
    const stored = await object.read((bytes) =>
      budgetSchema.parse(JSON.parse(Buffer.from(bytes).toString())),
    );
    const empty: StoredBudget = { version: 1, runs: [], ...(object.isLost && { lostAt: openedAt }) };
    const budget = new DayBudget(object, now, stored ?? empty);
    if (stored === undefined) await budget.#write();
    else if (budget.#lostAt) place.note(`${place.key} was lost: ${readingOnceLost(budget.#lostAt)}`);
    return budget;
  }

  /** Must be awaited before the first batch is sent. Never rejects. */
  async begin(runId: string, counts: GroupCounts, exempt?: BudgetedRun["exempt"]): Promise<void> {
    const at = this.#now().toISOString();
    if (exempt === "filling" && counts.subscribe > 0) this.#fillingSince ??= at;
    await this.#put({ runId, at, counts, ...(exempt && { exempt }) });
  }

  /** Replaces the planned counts by what was sent. Never rejects. */
  async end(runId: string, counts: GroupCounts): Promise<void> {
    const begun = this.#runs.find((run) => run.runId === runId);
    await this.#put({ runId, at: this.#now().toISOString(), ...begun, counts });
  }

  /** A person has looked at what runs did in these groups: it does not count any more. Never rejects. */
  async forgive(forgiven: readonly Group[]): Promise<void> {
    const nothing = Object.fromEntries(forgiven.map((group) => [group, 0]));
    this.#runs = this.#runs.map((run) => ({ ...run, counts: { ...run.counts, ...nothing } }));
    await this.#write();
  }

  /** Called when nothing is left to send to a list that was empty: its limit holds again. Never rejects. */
  async endFilling(): Promise<void> {
    if (this.#fillingSince === undefined) return;
    this.#fillingSince = undefined;
    await this.#write();
  }

  async #put(run: BudgetedRun): Promise<void> {
    const others = this.#runs.filter(({ runId }) => runId !== run.runId);
    const didNothing = Object.values(run.counts).every((count) => count === 0);
    if (didNothing && others.length === this.#runs.length) return;
    const recent = others.filter(({ at }) => isWithinADay(at, this.#now()));
    this.#runs = [...(recent.length < mostRuns ? recent : byHour(recent)), ...(didNothing ? [] : [run])];
    await this.#write();
  }

  async #write(): Promise<void> {
    const budget: StoredBudget = {
      version: 1,
      runs: [...this.#runs],
      ...(this.#lostAt !== undefined && { lostAt: this.#lostAt }),
      ...(this.#fillingSince !== undefined && { fillingSince: this.#fillingSince }),
    };
    await this.#object.write(Buffer.from(JSON.stringify(budget)));
  }
}

function isWithinADay(at: string, now: Date): boolean {
  return Date.parse(at) > now.getTime() - dayMs;
}

function readingOnceLost(lostAt: string): string {
  return `${strictReading} until ${new Date(Date.parse(lostAt) + dayMs).toISOString()}`;
}

function sumOf(runs: readonly BudgetedRun[], { isUnknown }: { readonly isUnknown: boolean }): GroupCounts {
  const sums = groups.map((group) => {
    const counted = runs.filter(({ exempt }) => !isExempt(group, exempt));
    const known = counted.reduce((sum, { counts }) => sum + (counts[group] ?? 0), 0);
    const isSpared = group === "optOut" || group === "unsubscribe";
    return [group, isUnknown && !isSpared ? Number.POSITIVE_INFINITY : known];
  });
  return Object.fromEntries(sums) as GroupCounts;
}

/** What fills an empty list is its new subscribers: whatever else such a run does counts. */
function isExempt(group: Group, exempt: BudgetedRun["exempt"]): boolean {
  return exempt === "approved" || (exempt === "filling" && group === "subscribe");
}

/** Adds up the runs of each hour, as of its last run. Drops those that do not count anyway. */
function byHour(runs: readonly BudgetedRun[]): readonly BudgetedRun[] {
  const counted = runs.filter(({ exempt }) => exempt !== "approved");
  const hours = Map.groupBy(counted, ({ at, exempt = "" }) => at.slice(0, "2026-01-01T00".length) + exempt);
  return [...hours.values()].map((ofHour) => {
    const last = ofHour.reduce((latest, run) => (run.at > latest.at ? run : latest));
    const counts: Record<string, number> = {};
    for (const run of ofHour) {
      for (const [group, count] of Object.entries(run.counts)) counts[group] = (counts[group] ?? 0) + count;
    }
    return { ...last, counts };
  });
}
