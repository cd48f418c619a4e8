import type { Change, Kept } from "../domain/plan.ts";
import type { Refusal } from "../domain/safety.ts";
import type { ListReport } from "../platform/work-on-list.ts";
import type { PushApproval } from "./event.ts";

/** What became of the messages of one list: numbers and names, never an address. `done` and `waiting` add up to `received`. */
export interface PushReport extends ListReport {
  received: number;
  done: number;
  /** Messages that go back into the queue. */
  waiting: number;
  /** Of them, those that exceed a limit and wait for a person. */
  held: number;
  /** Messages that can never be right, and rows that the provider refused; both are in the quarantine. */
  quarantined: number;
  /** Messages that found everything as they want it. */
  unchanged: number;
  /** Messages that change nothing, as the provider's word stands, by the reason. */
  kept: Partial<Record<Kept, number>>;
  /** Changes that the provider accepted. */
  applied: Record<Change["kind"], number>;
  /** Readers who were sent the mail that asks whether they meant it. */
  optIns: number;
  /** Present if messages wait for a person: the limits, and the event that lets as much again pass. */
  check: { readonly refusals: readonly Refusal[]; readonly event: PushApproval };
  /** What a person approved. */
  approval: Omit<PushApproval, "list">;
}
