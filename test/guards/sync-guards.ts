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
      keeps: "mode plan sends nothing",
      file: `${job}/sync-subscribers.ts`,
      code: 'if (mode === "plan") {',
      broken: "if (false) {",
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
      code: "if (subscribed + unsubscribed + undecided === 0)",
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
      keeps: "a lock that is no lock does not block its list",
      file: "functions/platform/storage/list-lock.ts",
      code: "holder === undefined || Date",
      broken: "holder && Date",
    },
    {
      keeps: "an expired lock is taken over by one run only",
      file: "functions/platform/storage/list-lock.ts",
      code: "{ ifMatch: standing.etag }",
      broken: "{}",
    },
    {
      keeps: "a provider that refuses most of a batch stops the run",
      file: `${domain}/apply-batch.ts`,
      code: "if (refused.length > bound)",
      broken: "if (false)",
    },
  ],
};
