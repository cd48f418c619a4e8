import { countsInWords, type Failure, inDigits, listed, whoActsNext } from "../platform/run-summary.ts";
import type { PushReport } from "./report.ts";

/** What a run did and what waits for whom, in one line for a person. It holds no address. */
export function summaryOf(report: Partial<PushReport>, failure?: Failure): string {
  const { approval, applied, kept = {}, held = 0, waiting = 0, check } = report;
  if (approval !== undefined && failure === undefined) {
    return `as much again may pass of: ${approval.approve.join(", ")}`;
  }
  const { unsubscribe = 0, subscribe = 0, resubscribe = 0, update = 0 } = applied ?? {};
  const changes = countsInWords({
    unsubscribed: unsubscribe,
    subscribed: subscribe,
    resubscribed: resubscribe,
    updated: update,
    asked: report.optIns ?? 0,
    unchanged: report.unchanged ?? 0,
    "set aside": report.quarantined ?? 0,
  });
  const keptWords = countsInWords(kept);
  return listed([
    changes || (keptWords === "" && "nothing was sent"),
    keptWords !== "" && `kept: ${keptWords}`,
    check && `${inDigits(held)} wait for approval: ${JSON.stringify(check.event)}`,
    waiting > held && `${inDigits(waiting - held)} wait`,
    failure && failure.actor !== "approver" && whoActsNext(failure),
  ]);
}
