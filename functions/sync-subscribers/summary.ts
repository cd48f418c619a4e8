import { type Group, kindOf } from "../domain/plan.ts";
import { firstPlanWaits, noFirstPlan } from "../planning/first-plan-summary.ts";
import {
  counted,
  countsInWords,
  type Failure,
  inDigits,
  listed,
  whoActsNext,
} from "../platform/run-summary.ts";
import type { SyncReport } from "./report.ts";

/** What a run did and what waits for whom, in one line for a person. It holds no address. */
export function summaryOf(report: Partial<SyncReport>, failure?: Failure): string {
  const { mode, planned, applied, returned, firstPlan } = report;
  if (planned === undefined || applied === undefined) {
    return listed([firstPlan ? noFirstPlan(firstPlan) : "nothing was sent", failure && whoActsNext(failure)]);
  }
  const setAside = (report.desired?.rejected ?? 0) + applied.quarantined;
  const left = applied.left + (returned?.left ?? 0);
  const isTold = failure?.actor === "approver" && applied.waiting + (returned?.waiting ?? 0) > 0;
  return listed([
    firstPlan && firstPlanWaits(planned),
    mode === "plan" ? wouldDo(planned, report) : didDo(applied, report),
    setAside > 0 && `${inDigits(setAside)} set aside`,
    applied.refusedAgain > 0 && `${inDigits(applied.refusedAgain)} refused again`,
    mode === "plan" ? outlook(report) : waiting(report),
    mode !== "plan" && left > 0 && `${inDigits(left)} left for the next run`,
    firstPlan?.problem,
    failure && !isTold && whoActsNext(failure),
  ]);
}

function wouldDo(planned: SyncReport["planned"], { returned }: Partial<SyncReport>): string {
  const { unsubscribe, subscribe, resubscribe, update } = planned;
  const changes = countsInWords({ unsubscribe, subscribe, resubscribe, update, return: undone(returned) });
  return changes === "" ? "nothing to do" : `would ${changes}`;
}

function didDo(applied: SyncReport["applied"], { approval, returned }: Partial<SyncReport>): string {
  const { unsubscribe, subscribe, resubscribe, update, accepted: _, batches: __, ...others } = applied;
  const counts = {
    unsubscribed: unsubscribe,
    subscribed: subscribe,
    resubscribed: resubscribe,
    updated: update,
    returned: returned?.taken ?? 0,
  };
  const changes = countsInWords(counts);
  if (changes !== "") return changes;
  const stale = others.stale + (returned?.stale ?? 0);
  if (approval !== undefined && stale > 0) {
    return `nothing was sent, as neither side asks any more for ${counted(stale, "approved change")}`;
  }
  const isNothing = Object.values(others).every((count) => count === 0) && undone(returned) === 0;
  return isNothing ? "nothing to do" : "no change was accepted";
}

function undone(counts: { readonly waiting: number; readonly left: number } | undefined): number {
  return counts === undefined ? 0 : counts.waiting + counts.left;
}

function outlook(report: Partial<SyncReport>): string | undefined {
  const { applied, returned, check, firstPlan } = report;
  if (check === undefined) return undefined;
  const isNothing = undone(applied) + undone(returned) === 0;
  const event = JSON.stringify(check.event);
  if (isNothing) return firstPlan && `${event} lets the schedule begin`;
  return waiting(report) ?? `${event} applies it${firstPlan ? " and lets the schedule begin" : ""}`;
}

const nouns = {
  unsubscribe: "unsubscription",
  subscribe: "subscription",
  resubscribe: "resubscription",
  update: "update",
  return: "return",
} as const;

function nounOf(group: Group): string {
  return nouns[group === "return" ? group : kindOf[group]];
}

/** `79 unsubscriptions wait for approval: {"list":"daily",…}` */
function waiting({ mode, applied, returned, approval, check }: Partial<SyncReport>): string | undefined {
  const refusals = check?.refusals.filter(({ limit }) => !approval?.approve?.includes(limit)) ?? [];
  if (check === undefined || refusals.length === 0) return undefined;
  const event = JSON.stringify(check.event);
  // What a plan holds beside what was approved of it may have been done by its own run.
  if (approval !== undefined) return `more of the plan waits for approval: ${event}`;
  const kinds = new Set(refusals.flatMap(({ groups }) => groups.map(nounOf)));
  const [noun = "change"] = kinds.size === 1 ? kinds : [];
  const count = (applied?.waiting ?? 0) + (returned?.waiting ?? 0);
  const verb = mode === "plan" ? "would wait" : count === 1 ? "waits" : "wait";
  return `${counted(count, noun)} ${verb} for approval: ${event}`;
}
