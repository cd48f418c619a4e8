import type { ActivityPlan, ActivityState, CompletePlan, Work, WorkResult } from "./activity.ts";
import { numberedId } from "./numbered-id.ts";

const keptMs = 10 * 86_400_000;

/** An activity, as it stands. */
export interface Activity {
  readonly id: string;
  readonly kind: string;
  readonly sourceFileName: string | undefined;
  readonly plan: CompletePlan;
  readonly createdAt: Date;
  readonly endedAt: Date | undefined;
  readonly state: ActivityState;
  readonly percentDone: number;
  readonly result: WorkResult;
}

interface Job {
  readonly id: string;
  readonly work: Work;
  readonly plan: CompletePlan;
  readonly createdAt: Date;
  polls: number;
  ended: { readonly at: Date; readonly result: WorkResult } | undefined;
}

const nothing: WorkResult = { status: {}, errors: [] };

/** The background jobs of an account. What one does is done when its time has come: not before, even if nobody looks. */
export class Activities {
  /** How the activities to come go, one after the other. Mutable: tests add to it. */
  readonly plans: ActivityPlan[] = [];
  readonly #defaultPlan: ActivityPlan;
  #jobs: Job[] = [];
  #started = 0;

  constructor(defaultPlan: ActivityPlan) {
    this.#defaultPlan = defaultPlan;
  }

  get queued(): number {
    return this.#jobs.filter(({ ended }) => ended === undefined).length;
  }

  start(work: Work, createdAt: Date): Activity {
    const { polls = 0, ms = 0, ends = "completed", done } = this.plans.shift() ?? this.#defaultPlan;
    const plan = { polls, ms, ends, done: done ?? (ends === "completed" ? 1 : 0) };
    const job = {
      id: numberedId("activity", ++this.#started),
      work,
      plan,
      createdAt,
      polls: 0,
      ended: undefined,
    };
    this.#jobs.push(job);
    return { ...describe(job, createdAt), state: "initialized", percentDone: 1 };
  }

  /** Does what is due, in the order in which it is due, and forgets what ended long ago. */
  settle(now: Date): void {
    this.#jobs = this.#jobs.filter(({ createdAt }) => now.getTime() - createdAt.getTime() < keptMs);
    const due = this.#jobs.filter((job) => job.ended === undefined && progressOf(job, now) >= 1);
    due.sort((a, b) => dueAt(a) - dueAt(b));
    for (const job of due) {
      const at = new Date(job.plan.polls > 0 ? now : Math.min(dueAt(job), now.getTime()));
      job.ended = { at, result: job.work.run(Math.floor(job.work.items * job.plan.done), at) };
    }
  }

  /** Newest first. */
  values(now: Date): Activity[] {
    return this.#jobs.map((job) => describe(job, now)).reverse();
  }

  /** Somebody looks at these. */
  poll(ids: readonly string[], now: Date): void {
    for (const job of this.#jobs) if (ids.includes(job.id)) job.polls++;
    this.settle(now);
  }
}

const dueAt = ({ createdAt, plan }: Job): number => createdAt.getTime() + plan.ms;

/** From 0 to 1. The poll after the last one that sees it unfinished is the one that sees the end. */
function progressOf({ createdAt, plan, polls }: Job, now: Date): number {
  const byClock = plan.ms === 0 ? 1 : (now.getTime() - createdAt.getTime()) / plan.ms;
  const byPolls = plan.polls === 0 ? 1 : polls / (plan.polls + 1);
  return Math.min(byClock, byPolls, plan.ends === "never" ? 0.99 : 1);
}

function describe(job: Job, now: Date): Activity {
  const { id, work, plan, createdAt, ended } = job;
  const progress = progressOf(job, now);
  return {
    id,
    kind: work.kind,
    sourceFileName: work.sourceFileName,
    plan,
    createdAt,
    endedAt: ended?.at,
    state: ended ? (plan.ends as ActivityState) : progress > 0 ? "processing" : "initialized",
    percentDone: ended && plan.ends === "completed" ? 100 : Math.max(1, Math.floor(progress * 99)),
    result: ended?.result ?? nothing,
  };
}
