import type { GuardGroup } from "./guard.ts";

const domain = "functions/domain";
const job = "functions/sync-subscribers";

/** What the database is told, and when. */
export const returnGuards: GuardGroup = {
  simulated: ["ownpage", "constant-contact"],
  tests: ["test/domain/answer", "test/sync-subscribers/returns"],
  guards: [
    {
      keeps: "nobody is told to have left who stays subscribed in another spelling",
      file: `${domain}/answer.ts`,
      code: "if (circumstances.siblingAnswers) return undefined;",
      broken: "",
    },
    {
      keeps: "what a run of ours unsubscribed is not told as an editor's doing",
      file: `${domain}/reason-to-come-back.ts`,
      code: 'if (current.cause === "PUBLISHER" && circumstances.mayBeOurs) return false;',
      broken: "",
    },
    {
      keeps: "an opt-out under another address is told of the one that it keeps out",
      file: `${domain}/answer.ts`,
      code: "if (guidOptedOutAt === undefined || isNewer(desired!.consentedAt, guidOptedOutAt)) return undefined;",
      broken: "return undefined;",
    },
    {
      keeps: "an opt-out that a consent has lifted is not told in place of the one that holds",
      file: `${domain}/answer.ts`,
      code: "if (current !== undefined && keepsOut(current, desired!, policy, circumstances))",
      broken: "if (current !== undefined && !circumstances.isOurs)",
    },
    {
      keeps: "of several spellings, one that keeps the reader out by itself is told",
      file: `${domain}/diff/known-readers.ts`,
      code: "if (keepsOut !== this.#keepsOut(own)) return keepsOut;",
      broken: "",
    },
    {
      keeps: "an opt-out that a run copied to another spelling is not told in place of the reader's",
      file: `${domain}/diff/is-told-first.ts`,
      code: "return subscribed ? -subscribedAt : (unsubscribedAt ?? Number.POSITIVE_INFINITY);",
      broken: "return subscribed ? -subscribedAt : -(unsubscribedAt ?? Number.POSITIVE_INFINITY);",
    },
    {
      keeps: "who is only at the provider is not told unless the list says so",
      file: `${domain}/answer.ts`,
      code: 'return policy.onlyAtProvider === "return" ?',
      broken: "return policy ?",
    },
    {
      keeps: "a value that the provider does not show is not told as empty",
      file: `${domain}/answer.ts`,
      code: "...(comparable.data && { fields }),",
      broken: "fields,",
    },
    {
      keeps: "a subscription is told as no later than it was",
      file: `${domain}/diff/record-arena.ts`,
      code: "return Math.floor(time / 1000) * 1000;",
      broken: "return Math.ceil(time / 1000) * 1000;",
    },
    {
      keeps: "what the provider owns is not sent to it",
      file: `${domain}/differing-fields.ts`,
      code: " || providerFields.includes(name)",
      broken: "",
    },
    {
      keeps: "what the provider owns of a reader who comes back is told at once",
      file: `${domain}/answer.ts`,
      code: ': kind === "resubscribe" || kind === "subscribe";',
      broken: ": false;",
    },
    {
      keeps: "whom a run subscribed whose record is lost is not told as new",
      file: `${domain}/answer.ts`,
      code: "return circumstances.mayBeOurs ? undefined : arrival(",
      broken: "return arrival(",
    },
    {
      keeps: "a loss of what runs did is remembered",
      file: "functions/platform/storage/memory/act-memory.ts",
      code: "if (entries.isUnknown) entries.record(lossKey, stampOf(now.getTime(), 0));",
      broken: "",
    },
    {
      keeps: "what the source cannot show yet does not count as not taken",
      file: "functions/platform/storage/memory/return-memory.ts",
      code: "sourceReadAt > lastAt ? times + 1 : times;",
      broken: "times + 1;",
    },
    {
      keeps: "nobody is new to the database who may stand in a damaged row of it",
      file: `${domain}/answer.ts`,
      code: "desired === undefined ? isShielded :",
      broken: "desired === undefined ? false :",
    },
    {
      keeps: "an approval lifts no later opt-out of the database",
      file: `${domain}/answer.ts`,
      code: ": subscribedAt < policy.lastReadAt;",
      broken: ": false;",
    },
    {
      keeps: "the database is told before the provider",
      file: `${job}/deliver-plan.ts`,
      code: `    const failure = groups.has("return") ? await attempt(() => returnAll(job, plan, options)) : undefined;
    delivered.return = run.report.returned?.taken ?? 0;
    const sendingFailure = await attempt(async () => {
      run.signal.throwIfAborted();
      if (isSent) await sendChanges(job, plan, { ...options, delivered });
    });
`,
      broken: `    const sendingFailure = await attempt(async () => {
      run.signal.throwIfAborted();
      if (isSent) await sendChanges(job, plan, { ...options, delivered });
    });
    const failure = groups.has("return") ? await attempt(() => returnAll(job, plan, options)) : undefined;
    delivered.return = run.report.returned?.taken ?? 0;
`,
    },
    {
      keeps: "a database that fails holds back no change",
      file: `${job}/deliver-plan.ts`,
      code: "await attempt(() => returnAll(job, plan, options)) : undefined;",
      broken: "await returnAll(job, plan, options) : undefined;",
    },
    {
      keeps: "a database that does not answer holds back no change",
      file: `${job}/give-returns.ts`,
      code: "signal: AbortSignal.any([signal, controller.signal])",
      broken: "signal",
    },
    {
      keeps: "returns beyond their limit are not given",
      file: `${domain}/safety.ts`,
      code: "if (count === 0 || !exceeds(count + done.return, limit, subscribed)) return undefined;",
      broken: "if (count >= 0) return undefined;",
    },
    {
      keeps: "what runs of the day returned counts against the limit",
      file: `${domain}/safety.ts`,
      code: "!exceeds(count + done.return, limit, subscribed)",
      broken: "!exceeds(count, limit, subscribed)",
    },
    {
      keeps: "returns that were not approved are not given",
      file: `${job}/deliver-plan.ts`,
      code: 'groups.has("return") ? await',
      broken: "true ? await",
    },
    {
      keeps: "an approved return is given only where both sides still ask for it",
      file: `${job}/give-returns.ts`,
      code: "stored.filter((row) => !isStale(row))",
      broken: "stored",
    },
    {
      keeps: "mode plan leaves the database as it was",
      file: `${job}/sync-subscribers.ts`,
      code: "commit: false, isStale",
      broken: "commit: true, isStale",
    },
    {
      keeps: "mode return sends nothing",
      file: `${job}/sync-subscribers.ts`,
      code: 'mode === "return" ? ["return"] : groups;',
      broken: "groups;",
    },
    {
      keeps: "what was not given to the database does not count as told",
      file: `${job}/give-returns.ts`,
      code: "if (chunksOf(plan).length > 0) (await memory.returns()).discard();",
      broken: "",
    },
  ],
};
