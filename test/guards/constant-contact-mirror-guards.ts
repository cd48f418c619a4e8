import type { GuardGroup } from "./guard.ts";

const provider = "functions/providers/constant-contact";
const mirror = `${provider}/mirror`;

/** What keeps a mirror like its account, and a list like the database. */
export const constantContactMirrorGuards: GuardGroup = {
  simulated: ["constant-contact"],
  tests: [
    "test/providers/constant-contact/mirror/mirror.test",
    "test/providers/constant-contact/mirror/merge-contact",
    "test/providers/constant-contact/mirror/subscriber-of",
    "test/providers/constant-contact/leaks",
    "test/sync-subscribers/constant-contact",
  ],
  guards: [
    {
      keeps: "what another run has added to a mirror meanwhile stands",
      file: `${mirror}/mirror-state.ts`,
      code: "const condition = this.#etag === undefined ? { ifAbsent: true } : { ifMatch: this.#etag };",
      broken: "const condition = undefined;",
    },
    {
      keeps: "a mirror of which nothing is lost does not begin anew",
      file: `${mirror}/mirror.ts`,
      code: "if (!isComplete(state)) {\n      await this.#startAnew(",
      broken: "{\n      await this.#startAnew(",
    },
    {
      keeps: "an account is read whole once a day",
      file: `${mirror}/mirror.ts`,
      code: "isWhole || this.#options.clock.now() - state.readWholeAt >= wholeMs",
      broken: "isWhole",
    },
    {
      keeps: "an account is read whole only once a day",
      file: `${mirror}/mirror.ts`,
      code: "isWhole || this.#options.clock.now() - state.readWholeAt >= wholeMs",
      broken: "true",
    },
    {
      keeps: "an account that does not add up is read again",
      file: `${mirror}/refresh-mirror.ts`,
      code: "return isCounted ? rows >= Math.max(countedBefore, countedAfter) : rows === before?.numbers.rows;",
      broken: "return true;",
    },
    {
      keeps: "opt-outs are asked for by their own clock",
      file: `${mirror}/read-account.ts`,
      code: "await this.take({ optedOutAfter: watermark - lagMs }, signal);",
      broken: "",
    },
    {
      keeps: "what the index may have lacked is read again",
      file: `${mirror}/read-account.ts`,
      code: "updatedAfter: watermark - lagMs",
      broken: "updatedAfter: watermark",
    },
    {
      keeps: "a list from which a contact is gone was left by the reader",
      file: `${mirror}/merge-contact.ts`,
      code: "left[list]?.by ?? whoLeft(contact);",
      broken: 'left[list]?.by ?? "DELETION";',
    },
    {
      keeps: "who opted out of everything left their lists, though they were deleted after it",
      file: `${mirror}/merge-contact.ts`,
      code: 'deletedAt === undefined || permission === "unsubscribed"',
      broken: "deletedAt === undefined",
    },
    {
      keeps: "whom a reading of the whole account lacks counts as deleted",
      file: `${mirror}/merge-contact.ts`,
      code: "if (before.seenAt >= times.beganAt) return before;",
      broken: "return before;",
    },
    {
      keeps: "whom a run has just put on a list has not left it while the index may lag",
      file: `${mirror}/merge-contact.ts`,
      code: "contact.deletedAt === undefined && !shown.includes(list);",
      broken: "false;",
    },
    {
      keeps: "whom the provider does not put back on a list has not left it again",
      file: `${provider}/import-counters.ts`,
      code: "correctable + notAdded === 0",
      broken: "correctable === 0",
    },
    {
      keeps: "the opt-out of a deleted contact keeps a living one out until a newer consent",
      file: `${mirror}/subscriber-of.ts`,
      code: "cause: toldCause(optOut.cause)!",
      broken: "cause: optOut.cause",
    },
    {
      keeps: "whom the database unsubscribes is taken off the list",
      file: `${provider}/write-batch.ts`,
      code: "if (removed.length > 0) answers.push(await removeMembers(removed, tools, options));",
      broken: "",
    },
    {
      keeps: "a new reader is put on the list",
      file: `${provider}/standing.ts`,
      code: 'return standing !== "unfit" && standing !== "moved";',
      broken: 'return standing === "member";',
    },
    {
      keeps: "a refusal tells none of the provider's words but a known key",
      file: `${provider}/refusal.ts`,
      code: 'return key === undefined ? "" :',
      broken: "return key === undefined ? body :",
    },
    {
      keeps: "whom a run of ours removed may have come and left by themselves since",
      file: `${mirror}/subscriber-of.ts`,
      code: "byReaderAt > departure.at",
      broken: "false",
    },
    {
      keeps: "a reading that is lost as soon as it is stored is not taken for an empty account",
      file: `${mirror}/compact-mirror.ts`,
      code: "log.slice(Math.max(0, last)).map(nameOf);",
      broken: "log.slice(log.length).map(nameOf);",
    },
    {
      keeps: "a mirror that two runs begin at once begins with the first",
      file: `${provider}/mirror/refresh-mirror.ts`,
      code: "isAnew && standing.beganAt === lostBeginning",
      broken: "isAnew",
    },
    {
      keeps: "whom a deletion took off the list may have left it, though a new contact has the address",
      file: `${provider}/mirror/subscriber-of.ts`,
      code: " ?? rowsOf(wereThere)[0]",
      broken: "",
    },
  ],
};
