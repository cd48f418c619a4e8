import { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import type { ActivityPlan } from "../../../infra/sandbox/constant-contact/activity.ts";
import type { ContactSeed } from "../../../infra/sandbox/constant-contact/contact.ts";
import type { Dialect } from "../../../infra/sandbox/constant-contact/dialect.ts";
import { names, type RowTargets, randomEmail } from "../random-readers.ts";

/** The account's lists. The second one is now and then synced, too. */
export const listIds = { daily: randomId(1), weekly: randomId(2) } as const;
export type ListName = keyof typeof listIds;

const hourMs = 3_600_000;
const undecidedMoves = ["optOut", "membership", "deletion", "import"] as const;

/** All readings of what the documentation leaves open. */
const readings: { readonly [name in keyof Dialect]?: readonly Dialect[name][] } = {
  refreshTokens: ["rotating", "the same", "none"],
  spentRefreshToken: ["refused", "everything is revoked"],
  accessTokenSeconds: [86_400, 28_800, 600],
  sendsRetryAfter: [false, true],
  fullQueueShape: ["array", "object"],
  acceptedStatus: [201, 200, 202],
  defaultStatuses: ["not deleted", "active"],
  bounds: ["exclusive", "inclusive"],
  optOutWindow: ["with any status", "with status=unsubscribed", "never"],
  optOutKeepsLists: [true, false],
  order: ["newest first", "oldest first", "last updated first"],
  cursors: ["page", "contact"],
  lastPage: ["no links", "empty links"],
  times: ["in UTC", "with milliseconds", "with an offset"],
  deletedAt: ["date", "time"],
  unknownParameters: ["ignored", "refused"],
  indexLagMs: [0, 0, 120_000],
  activityErrors: ["texts", "objects"],
  importOfOptedOut: ["not added", "added", "resubscribed"],
  importUpdatesOptedOut: [true, false],
  importOfLeaver: ["added", "added", "not added"],
  importOfDeleted: ["revived", "left deleted", "a second contact"],
  importOfUndecided: ["added", "not added"],
  emptyImportValues: ["nothing", "clear"],
  badImportRows: ["reported", "refused"],
  unknownCustomFields: ["ignored", "an error"],
  personCount: ["all rows", "good rows"],
};

/** An account in one of all dialects, with a few contacts who have been known for a while. */
export function randomAccount(targets: RowTargets, acceptsEmail: (email: string) => boolean): Account {
  const { chance, time } = targets;
  const drawn = Object.entries(readings).map(([name, values]) => [name, chance.pick<unknown>(values)]);
  const updatedAtMovesWith = undecidedMoves.filter(() => chance.happens(0.4));
  return new Account({
    ...Object.fromEntries(drawn),
    updatedAtMovesWith,
    now: () => new Date(time.now()),
    lists: Object.entries(listIds).map(([name, list_id]) => ({ name, list_id })),
    customFields: [{ label: "guid" }, { label: "firstname" }],
    contacts: randomContacts(targets),
    activities: chance.pick([{}, {}, { polls: 2 }, { ms: 3_000 }, { ms: 90_000 }]),
    queuedActivities: chance.pick([1_000, 1_000, 2]),
    acceptsEmail,
  });
}

/** How the next activity goes: late, in part, not at all, or without an end. */
export function randomActivity({ chance }: RowTargets): ActivityPlan {
  return chance.pick([
    { ms: chance.between(1_000, 7_200_000) },
    { polls: chance.between(1, 5) },
    { ends: "failed", done: chance.pick([0, 0.5, 1]) },
    { ends: "timed_out", done: chance.pick([0, 0.5]) },
    { ends: "cancelled", done: chance.pick([0, 0.5]) },
    { ms: chance.between(1_000, 7_200_000), ends: "failed", done: 0.5 },
    { ends: "never" },
  ]);
}

function randomContacts(targets: RowTargets): ContactSeed[] {
  const { chance } = targets;
  if (chance.happens(0.1)) return [];
  const emails = new Set(Array.from({ length: chance.between(1, 12) }, () => randomEmail(targets)));
  return [...new Map([...emails].map((email) => [email.toLowerCase(), email])).values()]
    .flatMap((email) => contactsOf(email, targets))
    .concat({ sms_address: "+12025550100" });
}

/** Now and then, the same address was deleted before. */
function contactsOf(email: string, targets: RowTargets): ContactSeed[] {
  const { chance } = targets;
  const contact = randomContact(email, targets);
  if (!chance.happens(0.1)) return [contact];
  return [{ ...randomContact(email, targets), deleted_at: longAgo(targets) }, contact];
}

function randomContact(email: string, targets: RowTargets): ContactSeed {
  const { chance } = targets;
  const firstName = chance.pick(names);
  return {
    email,
    created_at: longAgo(targets),
    list_memberships: Object.values(listIds).filter(() => chance.happens(0.7)),
    custom_fields: {
      ...(firstName !== "" && { firstname: firstName }),
      ...(chance.happens(0.6) && { guid: email.replace(/\D/g, "") }),
    },
    permission_to_send: chance.happens(0.7)
      ? chance.pick(["explicit", "implicit"] as const)
      : chance.pick([
          "unsubscribed",
          "unsubscribed",
          "temp_hold",
          "pending_confirmation",
          "not_set",
        ] as const),
    ...(chance.happens(0.2) && { opt_out_source: "Account" as const }),
    ...(chance.happens(0.1) && { deleted_at: longAgo(targets) }),
  };
}

function longAgo({ chance, time }: RowTargets): string {
  return new Date(time.now() - chance.between(1, 100) * hourMs).toISOString();
}

function randomId(number: number): string {
  return `11571157-0000-4000-8000-00000000000${number}`;
}
