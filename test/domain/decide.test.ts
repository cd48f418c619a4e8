import { describe, expect, test } from "vitest";
import type { Circumstances } from "../../functions/domain/circumstances.ts";
import { type Decision, decide } from "../../functions/domain/decide.ts";
import type { Policy } from "../../functions/domain/policy.ts";
import type {
  CurrentSubscriber,
  DesiredSubscriber,
  UnsubscribeCause,
} from "../../functions/domain/subscriber.ts";

const april = Date.UTC(2026, 3, 1);
const may = Date.UTC(2026, 4, 1);
const june = Date.UTC(2026, 5, 1);
const hourMs = 3_600_000;
const sourceReadAt = Date.UTC(2026, 6, 1, 12);

const policy: Policy = {
  onlyAtProvider: "unsubscribe",
  resubscribeBounced: false,
  resubscribePublisher: "ours",
  comparable: { guid: true, data: true },
  clearsFields: true,
  providerFields: [],
  givesConsents: true,
  sourceReadAt,
  lastReadAt: sourceReadAt,
  graceMs: 24 * hourMs,
};
const nothingElse: Circumstances = {
  siblingOptedOutAt: undefined,
  siblingSubscribedAt: undefined,
  siblingBounced: false,
  siblingStandsIn: false,
  siblingAnswers: false,
  guidOptedOutAt: undefined,
  isOurs: false,
  mayBeOurs: false,
  isShielded: false,
  wasRefused: () => false,
};

interface Case {
  readonly current?: CurrentSubscriber;
  readonly desired?: DesiredSubscriber;
  readonly policy?: Partial<Policy>;
  readonly circumstances?: Partial<Circumstances>;
}
const decideOn = ({ current, desired, ...more }: Case) =>
  decide(current, desired, { ...policy, ...more.policy }, { ...nothingElse, ...more.circumstances });

const inDatabase = (more: Partial<DesiredSubscriber> = {}): DesiredSubscriber => ({
  email: "Jean@Example.fr",
  subscribed: true,
  fields: { guid: "7", data_firstname: "Jean" },
  ...more,
});
const atProvider = (more: Partial<CurrentSubscriber> = {}): CurrentSubscriber => ({
  email: "jean@example.fr",
  subscribed: true,
  fields: { guid: "7", data_firstname: "Jean" },
  ...more,
});
const unsubscribed = (cause: UnsubscribeCause | undefined, unsubscribedAt?: number): CurrentSubscriber =>
  atProvider({
    subscribed: false,
    ...(cause && { cause }),
    ...(unsubscribedAt !== undefined && { unsubscribedAt }),
  });

describe("subscribed in the database", () => {
  test("absent at the provider: subscribe, with every field that has a value", () => {
    const desired = inDatabase({ fields: { guid: "7", data_firstname: "" } });
    expect(decideOn({ desired })).toEqual({
      kind: "subscribe",
      email: "Jean@example.fr",
      fields: { guid: "7" },
      saw: null,
      reason: "not at the provider",
    });
  });

  test("a new address is spelled as the database does, but its domain as it is compared", () => {
    const desired = inDatabase({ email: "Léa@Bücher\u200b.Example" });
    expect(decideOn({ desired })).toMatchObject({ email: "Léa@xn--bcher-kva.example" });
  });

  test.each([
    ["older", april],
    ["as old", may],
    ["unknown", undefined],
  ])(
    "absent, its guid opted out under another address, with a consent that is %s: kept out",
    (_, consentedAt) => {
      const desired = inDatabase(consentedAt === undefined ? {} : { consentedAt });
      expect(decideOn({ desired, circumstances: { guidOptedOutAt: may } })).toBe("optedOut");
    },
  );

  test("absent, its guid opted out under another address, with a newer consent: subscribe", () => {
    const desired = inDatabase({ consentedAt: june });
    expect(decideOn({ desired, circumstances: { guidOptedOutAt: may } })).toMatchObject({
      kind: "subscribe",
    });
  });

  test("subscribed at the provider with other fields: update those alone, spelled as the provider does", () => {
    const current = atProvider({ fields: { guid: "7", data_firstname: "John" } });
    expect(decideOn({ current, desired: inDatabase() })).toMatchObject({
      kind: "update",
      email: "jean@example.fr",
      fields: { data_firstname: "Jean" },
      saw: { subscribed: true, fields: { data_firstname: "John" } },
    });
  });

  test("subscribed at the provider with the same fields: nothing", () => {
    expect(decideOn({ current: atProvider(), desired: inDatabase() })).toBe("unchanged");
  });

  test("an empty value in the database clears the provider's, but an empty guid asks for nothing", () => {
    const desired = inDatabase({ fields: { guid: "", data_firstname: "" } });
    expect(decideOn({ current: atProvider(), desired })).toMatchObject({
      kind: "update",
      fields: { data_firstname: "" },
    });
  });

  test("what the provider never shows is not compared", () => {
    const blind = { comparable: { guid: false, data: false } };
    expect(decideOn({ current: atProvider({ fields: {} }), desired: inDatabase(), policy: blind })).toBe(
      "unchanged",
    );
  });

  const causesOfReaders = ["READER", "UNKNOWN", undefined] as const;
  test.each(causesOfReaders)("unsubscribed by %s: kept as opted out", (cause) => {
    expect(decideOn({ current: unsubscribed(cause, may), desired: inDatabase() })).toBe("optedOut");
  });

  test.each(causesOfReaders)("unsubscribed by %s, but consented later: resubscribe", (cause) => {
    const desired = inDatabase({ consentedAt: june });
    expect(decideOn({ current: unsubscribed(cause, may), desired })).toMatchObject({
      kind: "resubscribe",
      email: "jean@example.fr",
      fields: {},
    });
  });

  test.each([
    ["consented before", may, april],
    ["consented at the same moment", may, may],
    ["at an unknown time", undefined, june],
    ["with no time of consent", may, undefined],
  ])("unsubscribed by READER, %s: kept as opted out", (_, unsubscribedAt, consentedAt) => {
    const desired = inDatabase(consentedAt === undefined ? {} : { consentedAt });
    expect(decideOn({ current: unsubscribed("READER", unsubscribedAt), desired })).toBe("optedOut");
  });

  test.each(["HARD_BOUNCE", "MULTIPLE_BOUNCES"] as const)("unsubscribed by %s: kept as bounced", (cause) => {
    const desired = inDatabase({ consentedAt: june });
    expect(decideOn({ current: unsubscribed(cause, may), desired })).toBe("bounced");
  });

  test("unsubscribed by a bounce, and bounces are to be tried again: resubscribe", () => {
    const again = { resubscribeBounced: true };
    const current = unsubscribed("HARD_BOUNCE", may);
    expect(decideOn({ current, desired: inDatabase(), policy: again })).toMatchObject({
      kind: "resubscribe",
    });
  });

  describe("unsubscribed by PUBLISHER", () => {
    const current = unsubscribed("PUBLISHER", may);

    test.each([
      ["newer", { consentedAt: june }, "resubscribe"],
      ["older", { consentedAt: april }, "publisher"],
      ["missing", {}, "publisher"],
    ])("where the source gives consents, one that is %s: %3$s", (_, consent, outcome) => {
      const decision = decideOn({ current, desired: inDatabase(consent), circumstances: { isOurs: true } });
      expect(typeof decision === "string" ? decision : decision.kind).toBe(outcome);
    });

    test.each([
      ["by a run of ours", true, "resubscribe"],
      ["by somebody else", false, "publisher"],
    ])("where the source gives none, %s: %3$s", (_, isOurs, outcome) => {
      const none = { givesConsents: false };
      const decision = decideOn({ current, desired: inDatabase(), policy: none, circumstances: { isOurs } });
      expect(typeof decision === "string" ? decision : decision.kind).toBe(outcome);
    });

    test.each([true, false])(
      "and such are always lifted: resubscribe, consents given: %s",
      (givesConsents) => {
        const always = { resubscribePublisher: "always", givesConsents } as const;
        const desired = inDatabase({ fields: { guid: "8", data_firstname: "Jean" } });
        expect(decideOn({ current, desired, policy: always })).toMatchObject({
          kind: "resubscribe",
          fields: { guid: "8" },
          saw: { subscribed: false, cause: "PUBLISHER", unsubscribedAt: "2026-05-01T00:00:00.000Z" },
        });
      },
    );
  });

  test.each([
    ["another spelling opted out after the consent", { siblingOptedOutAt: june }, "optedOut"],
    [
      "another spelling opted out at an unknown time",
      { siblingOptedOutAt: Number.POSITIVE_INFINITY },
      "optedOut",
    ],
    ["another spelling opted out before the consent", { siblingOptedOutAt: april }, "resubscribe"],
    ["its guid opted out elsewhere after the consent", { guidOptedOutAt: june }, "optedOut"],
    ["another spelling bounced", { siblingBounced: true }, "bounced"],
  ])("may come back, but %s: %3$s", (_, circumstances, outcome) => {
    const desired = inDatabase({ consentedAt: may + 1 });
    const decision = decideOn({ current: unsubscribed("READER", may), desired, circumstances });
    expect(typeof decision === "string" ? decision : decision.kind).toBe(outcome);
  });
});

describe("known to a provider that has no such list, or not any more", () => {
  const outcomeOf = (decision: Decision) => (typeof decision === "string" ? decision : decision.kind);

  test.each([
    ["READER_FINAL", "optedOut"],
    ["PUBLISHER_FINAL", "publisher"],
    ["TEMP_HOLD", "tempHold"],
    ["TEMP_HOLD_MEMBER", "tempHold"],
    ["PENDING", "pending"],
    ["PENDING_MEMBER", "pending"],
    ["NOT_SET", "notSet"],
    ["NOT_SET_MEMBER", "notSet"],
    ["DELETED", "deleted"],
  ] as const)("%s: kept as %s, whatever the consent and whatever the list says", (cause, kept) => {
    const desired = inDatabase({ consentedAt: june });
    const eager = { resubscribePublisher: "always", resubscribeBounced: true, givesConsents: false } as const;
    const ours = { isOurs: true };
    for (const at of [may, undefined]) {
      const current = unsubscribed(cause, at);
      expect(decideOn({ current, desired, policy: eager, circumstances: ours })).toBe(kept);
    }
  });

  test.each([
    ["TEMP_HOLD_MEMBER", "unsubscribe"],
    ["PENDING_MEMBER", "unsubscribe"],
    ["NOT_SET_MEMBER", "unsubscribe"],
    ["TEMP_HOLD", "unchanged"],
    ["PENDING", "unchanged"],
    ["NOT_SET", "unchanged"],
    ["DELETED", "unchanged"],
    ["READER_FINAL", "unchanged"],
  ] as const)("%s, and unsubscribed in the database: %s; absent from it: unchanged", (cause, outcome) => {
    const current = unsubscribed(cause);
    const desired = inDatabase({ subscribed: false, cause: "READER" });
    expect(outcomeOf(decideOn({ current, desired }))).toBe(outcome);
    expect(outcomeOf(decideOn({ current }))).toBe("unchanged");
  });

  test.each([
    ["newer", june, "subscribe"],
    ["as old", may, "mayHaveLeft"],
    ["unknown", undefined, "mayHaveLeft"],
  ])("may have left, with a consent that is %s: %3$s", (_, consentedAt, outcome) => {
    const desired = inDatabase(consentedAt === undefined ? {} : { consentedAt });
    expect(outcomeOf(decideOn({ current: unsubscribed("MAY_HAVE_LEFT", may), desired }))).toBe(outcome);
  });

  test("may have left and is subscribed: as the provider spells it, with the fields that differ", () => {
    const current = { ...unsubscribed("MAY_HAVE_LEFT", may), fields: { guid: "7", data_firstname: "John" } };
    expect(decideOn({ current, desired: inDatabase({ consentedAt: june }) })).toEqual({
      kind: "subscribe",
      email: "jean@example.fr",
      fields: { data_firstname: "Jean" },
      saw: null,
      reason: "consented since it may have left",
    });
  });

  test.each([
    [{ siblingOptedOutAt: june }, "optedOut"],
    [{ guidOptedOutAt: june }, "optedOut"],
    [{ siblingStandsIn: true }, "unchanged"],
  ])("may have left, but %o: %s", (circumstances, outcome) => {
    const desired = inDatabase({ consentedAt: may + 1 });
    const current = unsubscribed("MAY_HAVE_LEFT", may);
    expect(outcomeOf(decideOn({ current, desired, circumstances }))).toBe(outcome);
  });
});

describe("a provider that cannot be made to empty a field", () => {
  const cannot = { clearsFields: false };

  test("an emptied value is not sent, and the others are", () => {
    const desired = inDatabase({ fields: { guid: "8", data_firstname: "" } });
    expect(decideOn({ current: atProvider(), desired, policy: cannot })).toMatchObject({
      kind: "update",
      fields: { guid: "8" },
    });
  });

  test("nothing but an emptied value is sent never", () => {
    const desired = inDatabase({ fields: { guid: "7", data_firstname: "" } });
    expect(decideOn({ current: atProvider(), desired, policy: cannot })).toBe("unchanged");
  });
});

describe("another spelling stands in for the reader", () => {
  const circumstances = { siblingStandsIn: true };

  test.each([
    ["READER", {}],
    ["PUBLISHER", {}],
    ["PUBLISHER", { resubscribePublisher: "always" }],
    ["HARD_BOUNCE", { resubscribeBounced: true }],
  ] as const)("unsubscribed by %s, and may come back: nothing", (cause, policy) => {
    const current = unsubscribed(cause, may);
    const desired = inDatabase({ consentedAt: june });
    expect(decideOn({ current, desired, policy })).toMatchObject({ kind: "resubscribe" });
    expect(decideOn({ current, desired, policy, circumstances })).toBe("unchanged");
  });

  test.each([
    ["READER", "optedOut"],
    ["PUBLISHER", "publisher"],
    ["HARD_BOUNCE", "bounced"],
  ] as const)("unsubscribed by %s, and may not come back: kept, as ever", (cause, kept) => {
    const desired = inDatabase({ consentedAt: april });
    expect(decideOn({ current: unsubscribed(cause, may), desired, circumstances })).toBe(kept);
  });

  test("nothing of it is refused, as nothing of it would be sent", () => {
    const desired = inDatabase({ consentedAt: june });
    const both = { ...circumstances, wasRefused: () => true };
    expect(decideOn({ current: unsubscribed("READER", may), desired, circumstances: both })).toBe(
      "unchanged",
    );
  });
});

describe("unsubscribed in the database", () => {
  test.each([
    ["READER", "READER"],
    ["PUBLISHER", "PUBLISHER"],
    [undefined, "PUBLISHER"],
  ] as const)("by %s, subscribed at the provider: unsubscribe as %s", (cause, sent) => {
    const desired = inDatabase({ subscribed: false, ...(cause && { cause }) });
    const decision = decideOn({ current: atProvider({ subscribedAt: sourceReadAt - 1 }), desired });
    expect(decision).toMatchObject({ kind: "unsubscribe", cause: sent });
    expect(decision).not.toHaveProperty("missing");
  });

  test("subscribed after the database was read: kept as recent", () => {
    const desired = inDatabase({ subscribed: false, cause: "READER" });
    expect(decideOn({ current: atProvider({ subscribedAt: sourceReadAt }), desired })).toBe("recent");
  });

  test("subscribed under another spelling after the database was read: kept as recent", () => {
    const desired = inDatabase({ subscribed: false, cause: "READER" });
    const circumstances = { siblingSubscribedAt: sourceReadAt };
    expect(decideOn({ current: atProvider(), desired, circumstances })).toBe("recent");
  });

  test("unsubscribed or absent at the provider: nothing", () => {
    const desired = inDatabase({ subscribed: false });
    expect(decideOn({ current: unsubscribed("READER", may), desired })).toBe("unchanged");
    expect(decideOn({ desired })).toBe("unchanged");
  });
});

test.each([
  ["absent", undefined],
  ["subscribed", atProvider({ fields: {} })],
  ["unsubscribed", unsubscribed("PUBLISHER", may)],
])("undecided in the database and %s at the provider: left as it is", (_, current) => {
  const desired = inDatabase({ subscribed: undefined, consentedAt: june });
  expect(decideOn({ ...(current && { current }), desired })).toBe("undecided");
});

describe("absent in the database", () => {
  test("subscribed at the provider: unsubscribe as PUBLISHER, never as READER, as one that is missing", () => {
    expect(decideOn({ current: atProvider() })).toMatchObject({
      kind: "unsubscribe",
      cause: "PUBLISHER",
      missing: true,
    });
  });

  test.each([
    ["after the database was read", sourceReadAt, "recent"],
    ["24 hours before", sourceReadAt - 24 * hourMs, "grace"],
    ["earlier", sourceReadAt - 24 * hourMs - 1, "unsubscribe"],
  ])("subscribed at the provider %s: %3$s", (_, subscribedAt, outcome) => {
    const decision = decideOn({ current: atProvider({ subscribedAt }) });
    expect(typeof decision === "string" ? decision : decision.kind).toBe(outcome);
  });

  test("subscribed at the provider a moment ago, by a run of ours: unsubscribe", () => {
    const current = atProvider({ subscribedAt: sourceReadAt - hourMs });
    expect(decideOn({ current, circumstances: { isOurs: true } })).toMatchObject({ kind: "unsubscribe" });
  });

  test("a damaged row of the source has its guid: kept as shielded", () => {
    expect(decideOn({ current: atProvider(), circumstances: { isShielded: true } })).toBe("shielded");
  });

  test("subscribed at the provider, and the list keeps such: kept", () => {
    expect(decideOn({ current: atProvider(), policy: { onlyAtProvider: "keep" } })).toBe("onlyAtProvider");
  });

  test("unsubscribed at the provider: nothing", () => {
    expect(decideOn({ current: unsubscribed("READER", may) })).toBe("unchanged");
  });
});

describe("subscribed at the provider, and another spelling opted out", () => {
  const circumstances = { siblingOptedOutAt: may };

  test.each([
    ["subscribed", inDatabase()],
    ["subscribed, by an older consent", inDatabase({ consentedAt: april })],
    ["undecided", inDatabase({ subscribed: undefined })],
    ["absent", undefined],
  ])("%s in the database: unsubscribe as READER", (_, desired) => {
    const decision = decideOn({ current: atProvider(), ...(desired && { desired }), circumstances });
    expect(decision).toMatchObject({ kind: "unsubscribe", cause: "READER" });
    expect(decision).not.toHaveProperty("missing");
  });

  test("even where the list keeps who is missing", () => {
    const keeps = { onlyAtProvider: "keep" } as const;
    expect(decideOn({ current: atProvider(), policy: keeps, circumstances })).toMatchObject({
      cause: "READER",
    });
  });

  test("the consent is newer: nothing", () => {
    const desired = inDatabase({ consentedAt: june });
    expect(decideOn({ current: atProvider(), desired, circumstances })).toBe("unchanged");
  });

  test("a third spelling subscribed later: nothing", () => {
    const later = { ...circumstances, siblingSubscribedAt: june };
    expect(decideOn({ current: atProvider(), desired: inDatabase(), circumstances: later })).toBe(
      "unchanged",
    );
    const before = { ...circumstances, siblingSubscribedAt: april };
    expect(decideOn({ current: atProvider(), desired: inDatabase(), circumstances: before })).toMatchObject({
      kind: "unsubscribe",
    });
  });

  test("this spelling subscribed later: nothing", () => {
    const current = atProvider({ subscribedAt: june });
    expect(decideOn({ current, desired: inDatabase(), circumstances })).toBe("unchanged");
  });
});

describe("what the provider refused within the last week", () => {
  const circumstances = { wasRefused: () => true };

  test.each([
    ["a new address", {}],
    ["an update", { current: atProvider({ fields: {} }) }],
    ["a resubscription", { current: unsubscribed("READER", may) }],
  ])("is not sent again: %s", (_, sides) => {
    expect(decideOn({ ...sides, desired: inDatabase({ consentedAt: june }), circumstances })).toBe("refused");
  });

  test("but an unsubscription is", () => {
    const desired = inDatabase({ subscribed: false });
    expect(decideOn({ current: atProvider(), desired, circumstances })).toMatchObject({
      kind: "unsubscribe",
    });
  });
});
