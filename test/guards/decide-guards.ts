import type { GuardGroup } from "./guard.ts";

const domain = "functions/domain";
const decide = `${domain}/decide.ts`;

/** What is decided about one address. */
export const decideGuards: GuardGroup = {
  isSimulated: true,
  tests: ["test/domain", "test/sync-subscribers/sync-subscribers"],
  guards: [
    {
      keeps: "an opt-out under one spelling unsubscribes the others",
      file: decide,
      code: "if (current?.subscribed && leftUnderAnotherSpelling(current, desired, circumstances)) {",
      broken: "if (false) {",
    },
    {
      keeps: "a spelling that subscribed after the opt-out of another stays",
      file: decide,
      code: " || subscribedAt > siblingOptedOutAt",
      broken: "",
    },
    {
      keeps: "a newer consent outweighs the opt-out of another spelling",
      file: decide,
      code: "return !(desired?.subscribed && isNewer(desired.consentedAt, siblingOptedOutAt));",
      broken: "return true;",
    },
    {
      keeps: "a row that has not decided changes nothing",
      file: decide,
      code: 'if (desired !== undefined && desired.subscribed === undefined) return "undecided";',
      broken: "",
    },
    {
      keeps: "who opted out under another address is not subscribed under a new one",
      file: decide,
      code: 'if (guidOptedOutAt !== undefined && !isNewer(desired.consentedAt, guidOptedOutAt)) return "optedOut";',
      broken: "",
    },
    {
      keeps: "who opted out under another address or spelling does not come back under this one",
      file: decide,
      code: 'if (!elsewhere.every((at) => isNewer(desired.consentedAt, at))) return "optedOut";',
      broken: "",
    },
    {
      keeps: "a bounce under one spelling holds for the others",
      file: decide,
      code: 'if (siblingBounced && !policy.resubscribeBounced) return "bounced";',
      broken: "",
    },
    {
      keeps: "a consent given at the very time of the opt-out does not lift it",
      file: decide,
      code: "consentedAt > than",
      broken: "consentedAt >= than",
    },
    {
      keeps: "an opt-out of unknown time is not lifted by a consent",
      file: decide,
      code: "current.unsubscribedAt ?? Number.POSITIVE_INFINITY",
      broken: "current.unsubscribedAt ?? 0",
    },
    {
      keeps: "an editor's unsubscription is not lifted",
      file: decide,
      code: "!policy.givesConsents && isOurs",
      broken: "!policy.givesConsents",
    },
    {
      keeps: "where consents are given, only a newer one lifts what the publisher unsubscribed",
      file: decide,
      code: "!policy.givesConsents && isOurs",
      broken: "isOurs",
    },
    {
      keeps: "a reader who subscribed after the database was read is kept",
      file: decide,
      code: 'if (subscribedAt >= policy.sourceReadAt) return "recent";',
      broken: "",
    },
    {
      keeps: "a reader who subscribed a moment ago and is missing is kept",
      file: decide,
      code: 'if (isNew && !circumstances.isOurs) return "grace";',
      broken: "",
    },
    {
      keeps: "whom a run subscribed has no grace",
      file: decide,
      code: 'if (isNew && !circumstances.isOurs) return "grace";',
      broken: 'if (isNew) return "grace";',
    },
    {
      keeps: "a reader whose row has a damaged address is kept",
      file: decide,
      code: 'if (circumstances.isShielded) return "shielded";',
      broken: "",
    },
    {
      keeps: "a list that keeps whom only the provider has unsubscribes none of them",
      file: decide,
      code: 'if (policy.onlyAtProvider === "keep") return "onlyAtProvider";',
      broken: "",
    },
    {
      keeps: "absence from the database is not sent as the reader's opt-out",
      file: decide,
      code: 'unsubscribe(current, { cause: "PUBLISHER", missing: true, ',
      broken: 'unsubscribe(current, { cause: "READER", missing: true, ',
    },
    {
      keeps: "absence from the database is not planned as an opt-out",
      file: decide,
      code: 'unsubscribe(current, { cause: "PUBLISHER", missing: true, ',
      broken: 'unsubscribe(current, { cause: "PUBLISHER", ',
    },
    {
      keeps: "a row that the provider refused is not sent again",
      file: decide,
      code: 'return mayWait && circumstances.wasRefused(decision) ? "refused" : decision;',
      broken: "return decision;",
    },
    {
      keeps: "an opt-out is sent however often it was refused",
      file: decide,
      code: ' && decision.kind !== "unsubscribe"',
      broken: "",
    },
    {
      keeps: "a new address is sent as it is compared",
      file: decide,
      code: "email: sentEmail(desired.email)",
      broken: "email: desired.email",
    },
    {
      keeps: "an address that no provider accepts is not sent",
      file: `${domain}/diff/differences.ts`,
      code: "return !isDeliverable(records.open(this.#key, entry).read().toString());",
      broken: "return false;",
    },
    {
      keeps: "an address that no provider accepts shields its reader",
      file: `${domain}/diff/differences.ts`,
      code: 'if (guid !== "") this.shieldedGuids.add(guid);',
      broken: "",
    },
    {
      keeps: "a row that is the same on both sides is looked at where another spelling may have opted out",
      file: `${domain}/diff/differences.ts`,
      code: "return !records.hasFlag(entry, flags.respelled);",
      broken: "return true;",
    },
    {
      keeps: "what runs did is loaded where a decision depends on it",
      file: `${domain}/diff/differences.ts`,
      code: "this.dependsOnActs ||= this.#dependsOnActs(entry);",
      broken: "",
    },
    {
      keeps: "an act of long ago explains nothing",
      file: `${domain}/diff/known-readers.ts`,
      code: " || Math.abs(at - act.at) <= actToleranceMs",
      broken: " || true",
    },
    {
      keeps: "an act explains only the state that it brought about",
      file: `${domain}/diff/known-readers.ts`,
      code: ' || act.kind !== (current.subscribed ? "subscribed" : "unsubscribed")',
      broken: "",
    },
    {
      keeps: "a bounce or an editor's hand is no opt-out of the reader's",
      file: `${domain}/diff/find-guid-opt-outs.ts`,
      code: "if (!isOptOut(unpackCause(records.causeOf(entry)))) return;",
      broken: "",
    },
    {
      keeps: "of several opt-outs of a reader, the last one counts",
      file: `${domain}/diff/find-guid-opt-outs.ts`,
      code: "Math.max(at, this.#found.get(entry) ?? at)",
      broken: "at",
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
      code: "if (row.status === statusCodes.unsubscribed) records.setFlag(entry, flags.anyUnsubscribed);",
      broken: "",
    },
    {
      keeps: "a reader's opt-out stays the reader's among rows without times",
      file: `${domain}/diff/desired-matcher.ts`,
      code: "if (causeOf(row) === readerCode) records.setFlag(entry, flags.anyOptedOut);",
      broken: "",
    },
    {
      keeps: "a row that has not decided says nothing about the others of its address",
      file: `${domain}/diff/desired-matcher.ts`,
      code: "if (row.status === statusCodes.undecided) return;",
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
  ],
};
