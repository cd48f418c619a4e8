import type { GuardGroup } from "./guard.ts";

const job = "functions/sync-subscribers";
const planning = "functions/planning";
const domain = "functions/domain";

export const syncGuards: GuardGroup = {
  simulated: ["ownpage", "constant-contact"],
  tests: [
    "test/domain",
    "test/sync-subscribers/sync-subscribers",
    "test/sync-subscribers/applying",
    "test/planning",
    "test/platform/storage/list-lock",
  ],
  guards: [
    {
      keeps: "a list in which a row came twice is not taken to be whole",
      file: `${planning}/read-whole-list.ts`,
      code: "repeated === 0 && ",
      broken: "",
    },
    {
      keeps: "a list of fewer rows than were counted before is not taken to be whole",
      file: `${planning}/read-whole-list.ts`,
      code: "countedBefore <= rows && ",
      broken: "",
    },
    {
      keeps: "a list of more rows than were counted afterwards is not taken to be whole",
      file: `${planning}/read-whole-list.ts`,
      code: " && rows <= countedAfter",
      broken: "",
    },
    {
      keeps: "a reader who joins while the list is read stands for nobody who was there before",
      file: `${planning}/read-whole-list.ts`,
      code: " && (hidden === 0 || isLast)",
      broken: "",
    },
    {
      keeps: "who joins while the list is read is known by an exact time",
      file: `${planning}/read-whole-list.ts`,
      code: "Math.min(options.subscribedSince, askedAt)",
      broken: "options.subscribedSince",
    },
    {
      keeps: "the end of a day is not a time of the reading",
      file: `${planning}/read-whole-list.ts`,
      code: " && time < askedAt + longestReadMs",
      broken: "",
    },
    {
      keeps: "a list that does not add up must show the same rows in two reads",
      file: `${planning}/read-whole-list.ts`,
      code: "digest === previousDigest && ",
      broken: "",
    },
    {
      keeps: "reading a list again reads its source again, too",
      file: `${planning}/read-both-sides.ts`,
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
      file: `${planning}/stored-summary.ts`,
      code: "Date.parse(summary.expiresAt) <= now.getTime()",
      broken: "false",
    },
    {
      keeps: "no batch starts once the provider is down",
      file: `${job}/apply-plan.ts`,
      code: "if (this.#isOver) return;",
      broken: "",
    },
    {
      keeps: "a batch that fails holds up no other",
      file: `${job}/whose-fault.ts`,
      code: "return !error.mayBeRows;",
      broken: "return true;",
    },
    {
      keeps: "opt-outs are sent before anything else",
      file: `${job}/apply-plan.ts`,
      code: '"missing"],\n  ["subscribe",',
      broken: '"missing", "subscribe",',
    },
    {
      keeps: "an opt-out is sent before those who are merely missing, however slowly it is read",
      file: `${job}/plan-store.ts`,
      code: "Promise.allSettled([this.#lastTurn, changes])",
      broken: "Promise.allSettled([changes])",
    },
    {
      keeps: "an opt-out that was refused before holds up no other, and is no news",
      file: `${job}/apply-plan.ts`,
      code: "right.filter((change) => !refusals.wasRefused(change))",
      broken: "right",
    },
    {
      keeps: "a row is at fault only if others are accepted",
      file: `${job}/apply-plan.ts`,
      code: 'accepted > acceptedBefore ? "yes" : "no"',
      broken: '"yes"',
    },
    {
      keeps: "a row at which the provider fails alone is at fault after a day",
      file: `${job}/apply-plan.ts`,
      code: 'refusals.hasFailedForADay(change) ? "yes" : "no"',
      broken: '"no"',
    },
    {
      keeps: "a provider that is down puts no row at fault",
      file: `${job}/apply-plan.ts`,
      code: "await this.#attempt(() => this.#judgeSuspects());",
      broken: "await this.#judgeSuspects();",
    },
    {
      keeps: "a run in which most rows are refused fails",
      file: `${job}/applied-tally.ts`,
      code: "quarantined <= Math.max(mostRefused, sent / 2)",
      broken: "true",
    },
    {
      keeps: "a difference that repeated sending does not explain is counted",
      file: `${job}/metrics.ts`,
      code: "afterRetry < batches",
      broken: "false",
    },
    {
      keeps: "a batch has a bound of bytes",
      file: `${job}/plan-store.ts`,
      code: "size: maxBatchBytes",
      broken: "size: 100_000_000",
    },
    {
      keeps: "a source without one usable address is an error",
      file: `${planning}/summarise-plan.ts`,
      code: "if (subscribed + unsubscribed + undecided === 0)",
      broken: "if (false)",
    },
    {
      keeps: "two runs of one list do not overlap",
      file: "functions/platform/storage/lock.ts",
      code: "{ ifAbsent: true }",
      broken: "{}",
    },
    {
      keeps: "a run works only while it holds the lock",
      file: "functions/platform/work-on-list.ts",
      code: "withListLock(store, lock, async (isFirstRun) => {",
      broken: "((work: (isFirstRun: boolean) => Promise<Result>) => work(false))(async (isFirstRun) => {",
    },
    {
      keeps: "a lock that has not expired is not taken over",
      file: "functions/platform/storage/lock.ts",
      code: "Date.parse(holder.expiresAt) <= now.getTime()",
      broken: "true",
    },
    {
      keeps: "a lock that is no lock does not block its list",
      file: "functions/platform/storage/lock.ts",
      code: "holder === undefined || Date",
      broken: "holder && Date",
    },
    {
      keeps: "an expired lock is taken over by one run only",
      file: "functions/platform/storage/lock.ts",
      code: "{ ifMatch: standing.etag }",
      broken: "{}",
    },
    {
      keeps: "a batch at which the provider fails is halved",
      file: `${domain}/apply-batch.ts`,
      code: "error instanceof ProviderUnavailableError && error.mayBeRows",
      broken: "false",
    },
    {
      keeps: "both halves of a batch are tried before one of them is halved",
      file: `${domain}/apply-batch.ts`,
      code: "waiting.push(...divided.reverse());",
      broken: "waiting.unshift(...divided);",
    },
    {
      keeps: "the size of batches that a provider takes is kept to",
      file: `${domain}/narrowing.ts`,
      code: "Math.min(this.#mostChanges, Math.ceil(half.size / 2))",
      broken: "Number.POSITIVE_INFINITY",
    },
    {
      keeps: "a provider that fails at every part is down",
      file: `${domain}/narrowing.ts`,
      code: "++this.#failures > most",
      broken: "false",
    },
    {
      keeps: "narrowing batches down has a bound",
      file: `${domain}/narrowing.ts`,
      code: "if (this.#budget-- > 0) return;",
      broken: "return;",
    },
    {
      keeps: "a provider that refuses every row alone is not believed",
      file: `${domain}/narrowing.ts`,
      code: "++this.#refusals <= mostRefusals || this.#accepted > 0",
      broken: "true",
    },
  ],
};
