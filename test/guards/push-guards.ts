import type { GuardGroup } from "./guard.ts";

const push = "functions/push-changes";

/** One reader's change at once. */
export const pushGuards: GuardGroup = {
  tests: [
    "test/push-changes",
    "test/simulation/push",
    "test/providers/ownpage/find-subscribers",
    "test/platform/storage/memory",
  ],
  guards: [
    {
      keeps: "a push that waited does not outweigh what the reader said after it",
      file: `${push}/as-said.ts`,
      code: "if (push !== undefined && isLast && isMadeBy(push, row)) return dated(row, push.saidAt);",
      broken: "",
    },
    {
      keeps: "who left at the provider itself is not taken for somebody whom a push unsubscribed",
      file: `${push}/as-said.ts`,
      code: "return Math.abs(time - at) <= actToleranceMs;",
      broken: "return true;",
    },
    {
      keeps: "an opt-out that waited for a sync is not outweighed by what that sync did",
      file: `${push}/as-said.ts`,
      code: "const told = row.subscribed && isActOfOurs(row, remembered) ? rest : row;",
      broken: "const told = isActOfOurs(row, remembered) ? row : row;",
    },
    {
      keeps: "who leaves at the provider a moment after they came back on the website keeps their own time",
      file: `${push}/as-said.ts`,
      code: "!isAfter(lastPushOn(canonical, opposite), push) &&\n    (row.subscribed",
      broken: "(row.subscribed",
    },
    {
      keeps: "a message that comes late does not undo a newer one that found everything done",
      file: `${push}/as-said.ts`,
      code: "return push !== undefined && push.saidAt > time ? dated(row, push.saidAt) : told;",
      broken: "return told;",
    },
    {
      keeps: "a subscription that comes late does not undo an opt-out of somebody absent",
      file: `${push}/plan-message.ts`,
      code: "(left !== undefined && left.saidAt >= saidAt) || ",
      broken: "",
    },
    {
      keeps: "a duplicate of an old opt-out does not make the last one older",
      file: `${push}/plan-message.ts`,
      code: "act === undefined || (lastPushOn(canonical, act.kind)?.saidAt ?? 0) >= saidAt",
      broken: "act === undefined",
    },
    {
      keeps: "what a killed run subscribed does not outweigh the opt-out that waits behind it",
      file: `${push}/deliver-changes.ts`,
      code: "rememberAttempts();\n  await memory.save();",
      broken: "",
    },
    {
      keeps: "of what was said within the same second, the opt-out holds",
      file: `${push}/plan-message.ts`,
      code: "saidAt + 1_000",
      broken: "saidAt",
    },
    {
      keeps: "an opt-out does not wait for what it takes back",
      file: `${push}/do-in-rounds.ts`,
      code: "!asked.desired.subscribed || ",
      broken: "",
    },
    {
      keeps: "what exceeds a limit waits for days before it is given up",
      file: `${push}/change-round.ts`,
      code: "queued.waitFor(heldSeconds, { growing: true });",
      broken: "queued.waitFor(heldSeconds);",
    },
    {
      keeps: "an opt-out whose time cannot be counts as of now",
      file: `${push}/push-message.ts`,
      code: "at < earliest ? now : ",
      broken: "",
    },
    {
      keeps: "a consent whose time cannot be outweighs no opt-out",
      file: `${push}/push-message.ts`,
      code: "isBelievable ? Math.min(consentedAt, now) : 0",
      broken: "Math.min(consentedAt, now)",
    },
    {
      keeps: "an opt-out is not given up because a search misses the reader",
      file: `${push}/change-round.ts`,
      code: " || isMissed(message.asked, found!, isOurs(message.asked))",
      broken: "",
    },
    {
      keeps: "an old consent is held against opt-outs under other addresses",
      file: `${push}/change-round.ts`,
      code: "needsGuids(message, now) || ",
      broken: "",
    },
    {
      keeps: "pushes beyond a limit of the day wait for a person",
      file: `${push}/change-round.ts`,
      code: "changes.some((change) => waits(groupOf(change), refusals))",
      broken: "changes.some((change) => waits(groupOf(change), []))",
    },
    {
      keeps: "pushes count against the limits of the day",
      file: `${push}/deliver-changes.ts`,
      code: "await budget.end(budgetId, delivered);",
      broken: "await budget.end(budgetId, noChanges());",
    },
    {
      keeps: "whom a push subscribed has days of grace",
      file: `${push}/send-changes.ts`,
      code: 'if (change.kind === "unsubscribe")\n        acts.record(canonicalEmail(change.email), "unsubscribed", run.now().getTime());',
      broken:
        'acts.record(canonicalEmail(change.email), change.kind === "unsubscribe" ? "unsubscribed" : "subscribed", run.now().getTime());',
    },
    {
      keeps: "a message that is set aside is done only once it is recorded",
      file: `${push}/push-changes.ts`,
      code: "if (wrong.length > 0) await quarantine.finish();",
      broken: "",
    },
    {
      keeps: "a reader's later message waits behind an earlier one",
      file: `${push}/do-in-rounds.ts`,
      code: " || !left.has(asked.canonical)",
      broken: " || left.size >= 0",
    },
    {
      keeps: "what stands behind a message that waits is given out again with it",
      file: `${push}/answer-deliveries.ts`,
      code: "if (message.isDone && !blocked.has(group)) continue;",
      broken: "if (message.isDone) continue;",
    },
    {
      keeps: "one list's failure holds up no other list",
      file: `${push}/answer-deliveries.ts`,
      code: "1 / (byList.size - index)).catch(() => undefined);",
      broken: "1 / (byList.size - index));",
    },
    {
      keeps: "no list takes the time of those that follow it",
      file: `${push}/answer-deliveries.ts`,
      code: "1 / (byList.size - index)",
      broken: "1",
    },
    {
      keeps: "an opt-out's cause is never guessed",
      file: `${push}/push-message.ts`,
      code: "unsubscribed_cause: sentCauseSchema,",
      broken: 'unsubscribed_cause: sentCauseSchema.default("READER"),',
    },
    {
      keeps: "a consent of the future is none in a message either",
      file: `${push}/push-message.ts`,
      code: "...(isBelievable && { consentedAt })",
      broken: "consentedAt",
    },
    {
      keeps: "double opt-ins keep the provider's pace",
      file: `${push}/opt-in-pace.ts`,
      code: "Math.max(0, optInsPerMinute - recent.length)",
      broken: "optInsPerMinute",
    },
    {
      keeps: "a double opt-in that loses its turn often is not given up",
      file: `${push}/ask-readers.ts`,
      code: "Math.min(mostSeconds, turn), { growing: true }",
      broken: "Math.min(mostSeconds, turn)",
    },
    {
      keeps: "who lets pushes pass says so, where the list requires it",
      file: `${push}/push-changes.ts`,
      code: "requireName(list, {",
      broken: "Object.freeze({",
    },
    {
      keeps: "what a push did to a reader is in the history",
      file: "functions/push-changes/send-changes.ts",
      code: "history?.addApplied(applied);",
      broken: "",
    },
    {
      keeps: "what pushes did to a reader who is erased is forgotten",
      file: "functions/platform/storage/memory/push-memory.ts",
      code: "this.#entries.forget(keyOf(canonical, kind))",
      broken: "this.#entries.find(keyOf(canonical, kind)) !== undefined",
    },
  ],
};
