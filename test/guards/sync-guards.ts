import type { GuardGroup } from "./guard.ts";

const job = "functions/sync-subscribers";
const domain = "functions/domain";

export const syncGuards: GuardGroup = {
  isSimulated: true,
  tests: [
    "test/domain",
    "test/sync-subscribers/sync-subscribers",
    "test/sync-subscribers/read",
    "test/platform/storage/list-lock",
  ],
  guards: [
    {
      keeps: "a list in which a row came twice is not taken to be whole",
      file: `${job}/read-whole-list.ts`,
      code: "repeated === 0 && ",
      broken: "",
    },
    {
      keeps: "a list of fewer rows than were counted before is not taken to be whole",
      file: `${job}/read-whole-list.ts`,
      code: "countedBefore <= rows && ",
      broken: "",
    },
    {
      keeps: "a list of more rows than were counted afterwards is not taken to be whole",
      file: `${job}/read-whole-list.ts`,
      code: " && rows <= countedAfter",
      broken: "",
    },
    {
      keeps: "a list that does not add up must show the same rows in two reads",
      file: `${job}/read-whole-list.ts`,
      code: "digest === previousDigest && ",
      broken: "",
    },
    {
      keeps: "reading a list again reads its source again, too",
      file: `${job}/read-both-sides.ts`,
      code: "source = await openSource();\n      await quarantine.restart();",
      broken: "",
    },
    {
      keeps: "a refused plan is not applied",
      file: `${job}/sync-subscribers.ts`,
      code: "if (refusals.length > 0)",
      broken: "if (false)",
    },
    {
      keeps: "mode plan sends nothing",
      file: `${job}/sync-subscribers.ts`,
      code: 'if (mode === "plan") return;',
      broken: "",
    },
    {
      keeps: "an approved change is sent only where both sides still ask for it",
      file: `${job}/sync-subscribers.ts`,
      code: "!planner.stillAsksFor(change)",
      broken: "false",
    },
    {
      keeps: "an expired plan is not applied",
      file: `${job}/plan-store.ts`,
      code: "Date.parse(summary.expiresAt) <= now.getTime()",
      broken: "false",
    },
    {
      keeps: "no batch starts after a failure",
      file: `${job}/apply-plan.ts`,
      code: "if (failure !== undefined) return;",
      broken: "",
    },
    {
      keeps: "a source without one usable address is an error",
      file: `${job}/make-plan.ts`,
      code: "if (counts.desired.subscribed + counts.desired.unsubscribed === 0)",
      broken: "if (false)",
    },
    {
      keeps: "two runs of one list do not overlap",
      file: "functions/platform/storage/list-lock.ts",
      code: "{ ifAbsent: true }",
      broken: "{}",
    },
    {
      keeps: "a run works only while it holds the lock",
      file: "functions/platform/work-on-list.ts",
      code: "await withListLock(store, lock, work);",
      broken: "await (lock && work());",
    },
    {
      keeps: "a lock that has not expired is not taken over",
      file: "functions/platform/storage/list-lock.ts",
      code: "Date.parse(holder.expiresAt) <= now.getTime()",
      broken: "true",
    },
    {
      keeps: "an expired lock is taken over by one run only",
      file: "functions/platform/storage/list-lock.ts",
      code: "{ ifMatch: standing.etag }",
      broken: "{}",
    },
    {
      keeps: "a consent given at the very time of the opt-out does not lift it",
      file: `${domain}/decide.ts`,
      code: "desired.consentedAt > current.unsubscribedAt",
      broken: "desired.consentedAt >= current.unsubscribedAt",
    },
    {
      keeps: "a reader who subscribed after the database was read is kept",
      file: `${domain}/decide.ts`,
      code: 'if (current.recent) return "recent";',
      broken: "",
    },
    {
      keeps: "absence from the database is not sent as the reader's opt-out",
      file: `${domain}/decide.ts`,
      code: 'unsubscribe(current, "PUBLISHER", "not in',
      broken: 'unsubscribe(current, "READER", "not in',
    },
    {
      keeps: "an opt-out under one spelling holds for the others",
      file: `${domain}/diff/planner.ts`,
      code: 'if (other === "optedOut" || other === "bounced") return other;',
      broken: "",
    },
    {
      keeps: "an address that no provider accepts is not sent",
      file: `${domain}/diff/planner.ts`,
      code: "!isDeliverable(canonicalEmail(desired.email))",
      broken: "false",
    },
    {
      keeps: "a row that is not sent claims no guid",
      file: `${domain}/diff/withhold-shared-guids.ts`,
      code: 'if (claim === "none") return;',
      broken: "",
    },
    {
      keeps: "among rows of one address, an unsubscribed one is not forgotten",
      file: `${domain}/diff/desired-matcher.ts`,
      code: "if (!row.subscribed) records.setFlag(entry, flags.anyUnsubscribed);",
      broken: "",
    },
    {
      keeps: "a reader's opt-out stays the reader's among rows without times",
      file: `${domain}/diff/desired-matcher.ts`,
      code: "if (causeOf(row) === readerCode) records.setFlag(entry, flags.anyOptedOut);",
      broken: "",
    },
    {
      keeps: "what the source said of an address before its page arrived still counts",
      file: `${domain}/diff/current-matcher.ts`,
      code: "this.#copyHistory(before, entry);",
      broken: "",
    },
    {
      keeps: "of a row that is read twice, the unsubscribed version counts",
      file: `${domain}/diff/current-matcher.ts`,
      code: "if (!isNewlyUnsubscribed) return;",
      broken: "return;",
    },
    {
      keeps: "addresses are compared without their case",
      file: `${domain}/email.ts`,
      code: "return trimmed.toLowerCase()",
      broken: "return trimmed",
    },
    {
      keeps: "a small list may change by more than its ratio",
      file: `${domain}/safety.ts`,
      code: "count > limit.floor && ",
      broken: "",
    },
    {
      keeps: "an empty list may be filled",
      file: `${domain}/safety.ts`,
      code: "!isFirstLoad && ",
      broken: "",
    },
    {
      keeps: "a provider that refuses most of a batch stops the run",
      file: `${domain}/apply-batch.ts`,
      code: "if (refused.length > bound)",
      broken: "if (false)",
    },
  ],
};
