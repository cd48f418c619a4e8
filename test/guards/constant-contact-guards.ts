import type { GuardGroup } from "./guard.ts";

const provider = "functions/providers/constant-contact";

/** The calls of Constant Contact, and its tokens. */
export const constantContactGuards: GuardGroup = {
  simulated: ["constant-contact"],
  tests: ["test/providers/constant-contact"],
  guards: [
    {
      keeps: "a refresh token is spent by one function at a time",
      file: `${provider}/token.ts`,
      code: "await clock.wait(lookAgainMs, signal);\n        continue;",
      broken: "return await renew({ ...options, pace, signal, refused, until: now + answerMs });",
    },
    {
      keeps: "who gets the lock uses what another function has just renewed",
      file: `${provider}/token.ts`,
      code: "const standing = goodToken(credentials, renewal);",
      broken: "const standing = undefined;",
    },
    {
      keeps: "the next refresh token is stored before the access token is used",
      file: `${provider}/token.ts`,
      code: "await store({",
      broken: "void ({",
    },
    {
      keeps: "a refresh token that is on its way is stored though the run's time is up",
      file: `${provider}/token.ts`,
      code: "signal: grace,",
      broken: "signal,",
    },
    {
      keeps: "an access token that was refused is not used again",
      file: `${provider}/token.ts`,
      code: "accessToken !== refused && ",
      broken: "",
    },
    {
      keeps: "an activity whose answer was lost is not started again",
      file: `${provider}/session.ts`,
      code: "startsActivity ? onlyOnce : undefined",
      broken: "undefined",
    },
    {
      keeps: "requests keep the pace",
      file: `${provider}/session.ts`,
      code: "await pace.turn(signal);",
      broken: "",
    },
    {
      keeps: "a quota that is used up ends the run at once",
      file: `${provider}/session.ts`,
      code: 'key === "quota_exceeded"',
      broken: "false",
    },
    {
      keeps: "the token goes to no other host",
      file: `${provider}/collections.ts`,
      code: "next?.origin === new URL(current).origin && ",
      broken: "next !== null && ",
    },
    {
      keeps: "an answer without the lists of a contact is no departure",
      file: `${provider}/answers.ts`,
      code: "(list_memberships && custom_fields)",
      broken: "true",
    },
    {
      keeps: "only known words of a refusal are told",
      file: `${provider}/refusal.ts`,
      code: "knownKeys.has(error_key)",
      broken: "true",
    },
  ],
};

/** What keeps an import from putting back who has left. */
export const constantContactWritingGuards: GuardGroup = {
  simulated: ["constant-contact"],
  tests: [
    "test/providers/constant-contact/look",
    "test/providers/constant-contact/standing",
    "test/providers/constant-contact/csv-parts",
    "test/sync-subscribers/constant-contact",
    "test/import-subscribers/constant-contact",
  ],
  guards: [
    {
      keeps: "who is not to be mailed is in no import",
      file: `${provider}/standing.ts`,
      code: 'if (living.length === 0 || !living.every(mayBeMailed)) return "unfit";',
      broken: "",
    },
    {
      keeps: "an update puts nobody back on the list",
      file: `${provider}/standing.ts`,
      code: 'return standing === "member";',
      broken: "return true;",
    },
    {
      keeps: "who opted out while a run goes on stays out of its later imports",
      file: `${provider}/look.ts`,
      code: "for (const [id, contact] of contacts) found.get(address)?.set(id, contact);",
      broken: "void contacts;",
    },
    {
      keeps: "a departure that is found just before an import is remembered",
      file: `${provider}/look.ts`,
      code: "await mirror.record(changes.filter(isNews).flatMap(contactsOf), { beganAt });",
      broken: "void beganAt;",
    },
    {
      keeps: "a reader is looked at again before each attempt",
      file: `${provider}/import-changes.ts`,
      code: "if (!isFresh) this.#looked = await look.at(this.#sent, this.#options.signal);",
      broken: "",
    },
    {
      keeps:
        "whom a run has put on the list counts as a member at once, and as gone if they are not shown on it",
      file: `${provider}/settle-activities.ts`,
      code: "const joined = isDone ? joining : { addresses: joining.addresses };",
      broken: "const joined = {};",
    },
    {
      keeps: "who is new on a list is known to have been on it",
      file: `${provider}/mirror/fold-mirror.ts`,
      code: "before === undefined ? folding.newcomers.merge(merged) : merged",
      broken: "merged",
    },
    {
      keeps: "an import whose answer was lost is looked for before it is sent again",
      file: `${provider}/activity-runner.ts`,
      code: "const found = isInDoubt ? await this.#find(matches, signal) : undefined;",
      broken: "const found = undefined as Activity | undefined;",
    },
    {
      keeps: "nobody has joined by an activity that only looks like ours",
      file: `${provider}/import-changes.ts`,
      code: "!activity.isFound && tookAll(",
      broken: "tookAll(",
    },
    {
      keeps: "nobody has joined, and so left, by an import that did not take every row",
      file: `${provider}/import-changes.ts`,
      code: "tookAll(activity, this.#sent.length)",
      broken: "true",
    },
    {
      keeps: "an activity that began after a run had ended is not that run's",
      file: `${provider}/settle-activities.ts`,
      code: "createdAt <= startedAt + runMs + skewMs",
      broken: "true",
    },
    {
      keeps: "a removal that was done in part is asked for again",
      file: `${provider}/remove-members.ts`,
      code: "completed >= predicted && ",
      broken: "",
    },
    {
      keeps: "the mirror of another account is not believed",
      file: `${provider}/mirrored-list.ts`,
      code: "!wasWhole && isFarFrom(told.members, opened)",
      broken: "false",
    },
    {
      keeps: "an import that did not end is left to the next run",
      file: `${provider}/activity-runner.ts`,
      code: "let asked = await pending.add({ kind, startedAt: clock.now() });",
      broken: 'let asked: PendingActivity = { list: "", kind, startedAt: clock.now() };',
    },
    {
      keeps: "what an earlier run began is waited for before anything is imported",
      file: `${provider}/write-batch.ts`,
      code: "if (imported.length > 0) await tools.settleEarlier(options.signal);",
      broken: "",
    },
    {
      keeps: "whom a run removes does not count as having left",
      file: `${provider}/remove-members.ts`,
      code: "await mirror.recordRemoval({ list: listId, by, isDone: false, contactIds });",
      broken: "",
    },
    {
      keeps: "a file has no empty cell, which might clear a value",
      file: `${provider}/import-fields.ts`,
      code: '.filter(([, value]) => value !== "")',
      broken: "",
    },
    {
      keeps: "a reader who opted out of everything is asked once",
      file: `${provider}/mirrored-list.ts`,
      code: 'if (askedAt === undefined) return { ...row, cause: "READER" };',
      broken: 'if (askedAt !== 0) return { ...row, cause: "READER" };',
    },
    {
      keeps: "who came by themselves and is not on the list may have left it",
      file: `${provider}/mirror/subscriber-of.ts`,
      code: "Math.max(before, byReaderAt)",
      broken: "before",
    },
    {
      keeps: "who did something a moment ago is not put on the list",
      file: `${provider}/standing.ts`,
      code: 'return hasMoved ? "moved" : "outside";',
      broken: 'return "outside";',
    },
    {
      keeps: "who is new just before an import is known from then on",
      file: `${provider}/look.ts`,
      code: "!isKnown(change.email) || ",
      broken: "",
    },
  ],
};
