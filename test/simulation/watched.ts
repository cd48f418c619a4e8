import type { LimitName } from "../../functions/domain/limits.ts";
import { type ChangeGroup, changeGroups } from "../../functions/domain/plan.ts";
import type { SyncEvent } from "../../functions/sync-subscribers/event.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";
import type { SentRow } from "./applied-write.ts";
import { Done } from "./day-limits.ts";
import type { Invocation } from "./invocation.ts";
import { plannedEmails } from "./planned-changes.ts";

/** An invocation, as the rules watch it. */
export class Watched {
  readonly id: string;
  readonly event: SyncEvent;
  /** The plan whose changes it may send: its own, or the one that is approved. */
  readonly planId: string;
  readonly done: Done;
  readonly #report: Invocation["run"]["report"];
  /** Whether it has sent a request to the provider and is not over. */
  isAtWork = false;
  /** The most subscribers that the list had, or it was shown, before it wrote anything. */
  mostSubscribed = 0;
  /** Whether it turned out, at its end, to be a schedule's that had to wait for a person's first approval. */
  onlyLooked = false;
  /** Whether something happened to the memory meanwhile. */
  isMemoryLost = false;
  /** Keys of the memory that it could not read. */
  readonly unread = new Set<string>();
  /** Whether somebody lost the budget that knew what it did. */
  isBudgetLost = false;
  /** Whether it could not know what other runs did today. */
  isDayUnknown = false;
  readonly #unsubscriptions = new Set<string>();
  #hasSentOthers = false;
  /** Whether anything has left for the provider. */
  hasSent = false;
  #planned: ReadonlySet<string> | undefined;

  constructor({ id, run }: Pick<Invocation, "id" | "run">, event: SyncEvent) {
    this.id = id;
    this.event = event;
    this.planId = "apply" in event ? event.apply : id;
    this.done = new Done(run.startedAt.getTime());
    this.#report = run.report;
    this.done.isApproved = "approve" in event && event.approve !== undefined;
  }

  get notes(): readonly string[] {
    return this.#report.notes ?? [];
  }

  /** The addresses of the changes that it may send. To be called once the plan is complete. */
  planned(objects: InMemoryStore): ReadonlySet<string> {
    this.#planned ??= plannedEmails(objects, this.planId, this.allowedGroups);
    return this.#planned;
  }

  /** How many subscribers it may have taken from the list. */
  mayHaveLeft(objects: InMemoryStore): number {
    const leaving = changeGroups.filter((group) => groupsOf("unsubscribe").includes(group));
    const allowed = new Set(leaving.filter((group) => this.allowedGroups.has(group)));
    return plannedEmails(objects, this.planId, allowed).size;
  }

  /** The groups of changes that it may send at all. */
  get allowedGroups(): ReadonlySet<ChangeGroup> {
    const { event } = this;
    if (this.onlyLooked) return new Set();
    if ("mode" in event) return new Set(event.mode === "apply" ? changeGroups : []);
    return new Set(event.approve?.flatMap(groupsOf) ?? changeGroups);
  }

  /** Whether it may tell the database anything at all. */
  get mayReturn(): boolean {
    const { event } = this;
    if (this.onlyLooked) return false;
    return "mode" in event ? event.mode !== "plan" : (event.approve?.includes("return") ?? true);
  }

  /** Whether it may send something without a person. */
  get sendsUnseen(): boolean {
    return this.allowedGroups.size > 0 && !this.done.isApproved;
  }

  approves(limit: LimitName): boolean {
    return "apply" in this.event && this.event.approve?.includes(limit) === true;
  }

  /** @returns whether unsubscriptions go by themselves, and none is sent only after something else */
  send(rows: readonly SentRow[]): boolean {
    this.hasSent = true;
    const leaving = rows.filter(({ subscribed }) => subscribed === false);
    if (leaving.length > 0 && leaving.length < rows.length) return false;
    const isLate = this.#hasSentOthers && leaving.some(({ email }) => !this.#unsubscriptions.has(email));
    for (const { email } of leaving) this.#unsubscriptions.add(email);
    this.#hasSentOthers ||= leaving.length < rows.length;
    return !isLate;
  }
}

function groupsOf(limit: LimitName): readonly ChangeGroup[] {
  if (limit === "return") return [];
  if (limit === "reject") return ["missing"];
  return limit === "unsubscribe" ? ["optOut", "unsubscribe", "missing"] : [limit];
}
