import type { GuardGroup } from "./guard.ts";

const job = "functions/sync-subscribers";
const planning = "functions/planning";
const domain = "functions/domain";
const safety = `${domain}/safety.ts`;

/** What may be sent without a person, what a person approves, and what counts against the limits of a day. */
export const limitGuards: GuardGroup = {
  simulated: ["ownpage", "constant-contact"],
  tests: [
    "test/sync-subscribers/first-plan",
    "test/domain/safety",
    "test/sync-subscribers/sync-subscribers",
    "test/sync-subscribers/incidents",
    "test/sync-subscribers/applying",
  ],
  guards: [
    {
      keeps: "a schedule changes nothing before a person has approved a plan of the list",
      file: `${planning}/look-first.ts`,
      code: "if (!isScheduled(event) || (await firstApproval.isGiven())) return work(event);",
      broken: "if (!isScheduled(event) || (await firstApproval.isGiven()) || true) return work(event);",
    },
    {
      keeps: "what a person approved of one list of the provider approves no other one that gets its name",
      file: "functions/platform/storage/first-approval.ts",
      code: "approved === undefined || approved === id",
      broken: "approved === undefined || approved !== undefined",
    },
    {
      keeps: "returns that a person has given by hand let no schedule change the list",
      file: `${job}/sync-subscribers.ts`,
      code: 'if (mode === "apply") await letSchedulesBegin(job);',
      broken: "await letSchedulesBegin(job);",
    },
    {
      keeps: "what waits for a person is told even if sending the rest fails",
      file: `${planning}/do-the-rest.ts`,
      code: "if (refusals.length > 0) note(",
      broken: "if (false) note(",
    },
    {
      keeps: "a small list may change by more than its ratio",
      file: safety,
      code: "count > floorFor(limit, base) && ",
      broken: "",
    },
    {
      keeps: "a large list may change by more than the floor",
      file: safety,
      code: " && count > limit.ratio * base",
      broken: "",
    },
    {
      keeps: "a floor is half of the list at the most",
      file: safety,
      code: "Math.min(floor, Math.max(smallestFloor, Math.floor(base / 2)))",
      broken: "floor",
    },
    {
      keeps: "an empty list may be filled",
      file: safety,
      code: "isBeingFilled(plan, done) ? undefined : judge(",
      broken: "judge(",
    },
    {
      keeps: "a list whose readers all left is not an empty one",
      file: safety,
      code: "current.subscribed + current.unsubscribed === 0",
      broken: "current.subscribed === 0",
    },
    {
      keeps: "an empty list may be filled by several runs",
      file: safety,
      code: "isFilling || current",
      broken: "current",
    },
    {
      keeps: "whoever is missing holds back no opt-out",
      file: safety,
      code: 'judge("unsubscribe", ["optOut", "unsubscribe"], "unsubscribe")',
      broken: 'judge("unsubscribe", ["optOut", "unsubscribe", "missing"], "unsubscribe")',
    },
    {
      keeps: "whom the publisher takes off the list hold back no opt-out",
      file: safety,
      code: 'judge("unsubscribe", ["optOut"], "optOut")',
      broken: 'judge("unsubscribe", ["optOut", "unsubscribe"], "optOut")',
    },
    {
      keeps: "opt-outs that the provider never accepts hold back no other",
      file: safety,
      code: "optOut: optOut - refusedBefore.optOut,",
      broken: "optOut,",
    },
    {
      keeps: "opt-outs are limited, too",
      file: safety,
      code: 'judge("unsubscribe", ["optOut"], "optOut"),',
      broken: "",
    },
    {
      keeps: "nor do they once they are accepted",
      file: "functions/sync-subscribers/send-changes.ts",
      code: "if (!refusals.wasRefused(change)) delivered",
      broken: "if (true) delivered",
    },
    {
      keeps: "whoever is missing comes on top of the opt-outs",
      file: safety,
      code: 'judge("unsubscribe", ["optOut", "unsubscribe", "missing"], "missing"),',
      broken: 'judge("unsubscribe", ["missing"], "missing"),',
    },
    {
      keeps: "nobody is taken for missing where too many rows were set aside",
      file: safety,
      code: "judgeRejected(plan, planned, limits.reject),",
      broken: "",
    },
    {
      keeps: "resubscriptions are limited",
      file: safety,
      code: 'judge("resubscribe", ["resubscribe"], "resubscribe"),',
      broken: "",
    },
    {
      keeps: "values that change are limited",
      file: safety,
      code: 'judge("update", ["update"], "update"),',
      broken: "",
    },
    {
      keeps: "a value that is overwritten or cleared is not taken for one that is added",
      file: `${domain}/plan.ts`,
      code: '.some((name) => change.saw.fields[name]) ? "update" : "fill"',
      broken: '.some((name) => change.saw.fields[name]) ? "fill" : "fill"',
    },
    {
      keeps: "what earlier runs of the day did counts against the limits",
      file: safety,
      code: "exceeds(count + before, ",
      broken: "exceeds(count, ",
    },
    {
      keeps: "limits are held against the list as it was a day ago",
      file: safety,
      code: "const base = subscribedADayAgo(subscribed, done.spent);",
      broken: "const base = subscribed;",
    },
    {
      keeps: "what exceeds a limit is not sent",
      file: `${planning}/check-plan.ts`,
      code: "groups.filter((group) => !waits(group, refusals))",
      broken: "groups",
    },
    {
      keeps: "a run of which something has to wait fails",
      file: `${job}/sync-subscribers.ts`,
      code: "if (waiting.length > 0) throw",
      broken: "if (false) throw",
    },
    {
      keeps: "an approval sends nothing that it does not name",
      file: `${planning}/check-plan.ts`,
      code: "approve === undefined ? groups : approve.flatMap((limit) => groupsOf[limit])",
      broken: "groups",
    },
    {
      keeps: "an approval names every limit that holds its changes back",
      file: `${planning}/check-plan.ts`,
      code: "refusals.filter(({ limit }) => !approve?.includes(limit))",
      broken: "refusals.filter(({ limit }) => !approve && limit)",
    },
    {
      keeps: "an approved change is sent only where both sides still ask for it",
      file: `${job}/sync-subscribers.ts`,
      code: "isStale: (row) => !planner.stillAsksFor(row)",
      broken: "isStale: () => false",
    },
    {
      keeps: "what a plan's own run has sent does not count again when the rest is approved",
      file: `${job}/sync-subscribers.ts`,
      code: "const wanted = await stillWanted(plan, { planner, store: job.store }, run);",
      broken: "const wanted = plan;",
    },
    {
      keeps: "what a person approved does not count against the limits of the day",
      file: `${planning}/check-plan.ts`,
      code: 'if (approve !== undefined) return "approved";',
      broken: "",
    },
    {
      keeps: "what exceeds no limit counts against the limits of the day, although a person applied it",
      file: `${planning}/check-plan.ts`,
      code: 'if (approve !== undefined) return "approved";',
      broken: 'return "approved";',
    },
    {
      keeps: "what filled an empty list does not count against the limits of the day",
      file: `${planning}/check-plan.ts`,
      code: 'isBeingFilled(plan, await memory.budget()) ? "filling" : undefined',
      broken: "undefined",
    },
    {
      keeps: "neither does an empty list that is filled by a plan that was looked at first",
      file: `${job}/sync-subscribers.ts`,
      code: "const exempt = await exemptionOf(job, wanted, approve);",
      broken: 'const exempt = approve === undefined ? undefined : "approved";',
    },
    {
      keeps: "what is about to be sent is in the budget before the first batch",
      file: `${job}/deliver-plan.ts`,
      code: "await budget.begin(run.id, intended, exempt);",
      broken: "",
    },
    {
      keeps: "what was not sent in the end does not use up the budget",
      file: `${job}/deliver-plan.ts`,
      code: "await budget.end(run.id, delivered);",
      broken: "",
    },
    {
      keeps: "what a run did to an address is remembered",
      file: `${job}/send-changes.ts`,
      code: "if (act !== undefined && !isHeld.has(change)) acts.record(",
      broken: "if (false) acts.record(",
    },
    {
      keeps: "whoever subscribed themselves meanwhile was not subscribed by a run",
      file: `${job}/send-changes.ts`,
      code: " && !isHeld.has(change)",
      broken: "",
    },
    {
      keeps: "a row that the provider refused is remembered",
      file: `${job}/apply-plan.ts`,
      code: "refusals.record(change, this.#run.now().getTime());",
      broken: "",
    },
    {
      keeps: "a refusal is forgotten when a row of the address is accepted",
      file: `${job}/send-changes.ts`,
      code: "refusals.forget(change);",
      broken: "",
    },
  ],
};
