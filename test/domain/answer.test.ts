import { describe, expect, test } from "vitest";
import { answer } from "../../functions/domain/answer.ts";
import type { Circumstances } from "../../functions/domain/circumstances.ts";
import { decide } from "../../functions/domain/decide.ts";
import type { Policy } from "../../functions/domain/policy.ts";
import type { Return } from "../../functions/domain/return.ts";
import type {
  CurrentSubscriber,
  DesiredSubscriber,
  UnsubscribeCause,
} from "../../functions/domain/subscriber.ts";
import { planFor, policy as usual } from "./diff/plan-for.ts";

// What the database is told of one address: each line of the table above `answer`.

const april = Date.UTC(2026, 3, 1);
const may = Date.UTC(2026, 4, 1);
const june = Date.UTC(2026, 5, 1);
const { sourceReadAt } = usual;
const hourMs = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

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
  readonly current?: CurrentSubscriber | undefined;
  readonly desired?: DesiredSubscriber | undefined;
  readonly policy?: Partial<Policy>;
  readonly circumstances?: Partial<Circumstances>;
}

function told({ current, desired, ...more }: Case): Return | undefined {
  const policy = { ...usual, comparable: { guid: true, data: true }, ...more.policy };
  const circumstances = { ...nothingElse, ...more.circumstances };
  const decision = decide(current, desired, policy, circumstances);
  return answer({ current, desired, decision }, policy, circumstances);
}

const inDatabase = (more: Partial<DesiredSubscriber> = {}): DesiredSubscriber => ({
  email: "Jean@Example.fr",
  subscribed: true,
  fields: { guid: "7", data_firstname: "Jean" },
  ...more,
});
const atProvider = (more: Partial<CurrentSubscriber> = {}): CurrentSubscriber => ({
  email: "jean@example.FR",
  subscribed: true,
  fields: { guid: "8", data_firstname: "John" },
  ...more,
});
const left = (cause: UnsubscribeCause | undefined, more: Partial<CurrentSubscriber> = {}) =>
  atProvider({ subscribed: false, unsubscribedAt: may, ...(cause && { cause }), ...more });

describe("subscribed in the database", () => {
  test.each([
    ["the reader", "READER", "unsubscribed", "READER"],
    ["a complaint", "UNKNOWN", "unsubscribed", "UNKNOWN"],
    ["nobody knows whom", undefined, "unsubscribed", "UNKNOWN"],
    ["an editor", "PUBLISHER", "unsubscribed", "PUBLISHER"],
    ["a bounce", "HARD_BOUNCE", "bounced", "HARD_BOUNCE"],
    ["several bounces", "MULTIPLE_BOUNCES", "bounced", "MULTIPLE_BOUNCES"],
  ] as const)("unsubscribed at the provider by %s: with the cause and the time", (_, had, tells, cause) => {
    expect(told({ current: left(had), desired: inDatabase() })).toEqual({
      kind: "return",
      tells,
      address: "jean@example.fr",
      email: "Jean@Example.fr",
      reason: `unsubscribed at the provider, cause ${cause}`,
      cause,
      changedAt: iso(may),
      guid: "7",
    });
  });

  test.each(["READER", "PUBLISHER"] as const)(
    "a newer consent lifts a departure by the %s: nothing",
    (cause) => {
      expect(told({ current: left(cause), desired: inDatabase({ consentedAt: june }) })).toBeUndefined();
    },
  );

  test("a consent does not make an address work again: a bounce is told, whatever it says", () => {
    const desired = inDatabase({ consentedAt: june });
    expect(told({ current: left("HARD_BOUNCE"), desired })).toMatchObject({ tells: "bounced" });
    const again = { resubscribeBounced: true };
    expect(told({ current: left("HARD_BOUNCE"), desired, policy: again })).toBeUndefined();
  });

  test("a time that the provider does not say, or that is endless, is left out", () => {
    const { unsubscribedAt: _, ...current } = left("READER");
    expect(told({ current, desired: inDatabase() })).not.toHaveProperty("changedAt");
    const elsewhere = { guidOptedOutAt: Number.POSITIVE_INFINITY };
    const byGuid = told({ desired: inDatabase(), circumstances: elsewhere });
    expect(byGuid).toMatchObject({ tells: "unsubscribed", cause: "READER" });
    expect(byGuid).not.toHaveProperty("changedAt");
  });

  test("unsubscribed by a run of ours: the database had said so", () => {
    const ours = { isOurs: true, mayBeOurs: true };
    expect(told({ current: left("PUBLISHER"), desired: inDatabase(), circumstances: ours })).toBeUndefined();
  });

  describe("opted out under another address with the same guid", () => {
    const elsewhere = { cause: "READER", changedAt: iso(june), reason: /another address/ };
    const optedOut = expect.objectContaining({
      ...elsewhere,
      reason: expect.stringMatching("another address"),
    });

    test.each([
      ["absent at the provider", undefined, {}],
      ["there by the publisher, by a run of ours", left("PUBLISHER"), { isOurs: true, mayBeOurs: true }],
      ["an own opt-out that was lifted", left("READER", { unsubscribedAt: april }), {}],
    ] as const)("%s: READER, at that time", (_, current, circumstances) => {
      const desired = inDatabase({ consentedAt: may - 1 });
      expect(told({ current, desired, circumstances: { ...circumstances, guidOptedOutAt: june } })).toEqual(
        optedOut,
      );
    });

    test("the own opt-out is told if that alone keeps the reader out", () => {
      const both = {
        current: left("UNKNOWN"),
        desired: inDatabase(),
        circumstances: { guidOptedOutAt: june },
      };
      expect(told(both)).toMatchObject({ cause: "UNKNOWN", changedAt: iso(may) });
    });

    test("with a newer consent: nothing", () => {
      const desired = inDatabase({ consentedAt: june });
      expect(told({ desired, circumstances: { guidOptedOutAt: may } })).toBeUndefined();
    });
  });

  test.each([
    ["absent at the provider", undefined],
    ["the same there", atProvider({ fields: { guid: "7", data_firstname: "Jean" } })],
    ["other values there", atProvider()],
  ])("%s: nothing", (_, current) => {
    expect(told({ current, desired: inDatabase() })).toBeUndefined();
  });
});

describe("a field that the provider owns", () => {
  const owned = { providerFields: ["data_firstname"] };

  test("has another value there: updated, with that field alone", () => {
    expect(told({ current: atProvider(), desired: inDatabase(), policy: owned })).toEqual({
      kind: "return",
      tells: "updated",
      address: "jean@example.fr",
      email: "Jean@Example.fr",
      reason: "differs in data_firstname, which the provider owns",
      guid: "7",
      fields: { data_firstname: "John" },
    });
  });

  test("has none there: updated, with no value", () => {
    const current = atProvider({ fields: { guid: "7" } });
    expect(told({ current, desired: inDatabase(), policy: owned })?.fields).toEqual({ data_firstname: "" });
  });

  test("of a reader who comes back is told at once", () => {
    const back = { current: left("READER"), desired: inDatabase({ consentedAt: june }), policy: owned };
    expect(told(back)).toMatchObject({ tells: "updated", fields: { data_firstname: "John" } });
  });

  test.each([
    ["is the same", { fields: { guid: "7", data_firstname: "John" } }, {}],
    ["is not in the source", { fields: { guid: "7" } }, {}],
    ["is never shown by the provider", {}, { comparable: { guid: true, data: false } }],
    ["belongs to a reader whom the database does not want", { subscribed: false }, {}],
    ["belongs to a reader on whom the database has not decided", { subscribed: undefined }, {}],
  ] as const)("%s: nothing", (_, row, policy) => {
    const desired = inDatabase(row);
    expect(told({ current: atProvider(), desired, policy: { ...owned, ...policy } })).toBeUndefined();
  });
});

describe("not subscribed in the database", () => {
  const recent = atProvider({ subscribedAt: sourceReadAt + 1000 });

  test.each([
    ["absent", undefined, "jean@example.FR"],
    ["unsubscribed", inDatabase({ subscribed: false }), "Jean@Example.fr"],
  ])(
    "%s, and subscribed at the provider since: with the time, the guid and the fields",
    (_, desired, email) => {
      expect(told({ current: recent, desired })).toEqual({
        kind: "return",
        tells: "subscribed",
        address: "jean@example.fr",
        email,
        reason: "subscribed at the provider",
        changedAt: iso(sourceReadAt + 1000),
        guid: "8",
        fields: { data_firstname: "John" },
      });
    },
  );

  test("what the provider does not show is not told", () => {
    const hidden = { comparable: { guid: false, data: false } };
    const current = { ...recent, fields: { guid: "", data_firstname: "" } };
    const row = told({ current, policy: hidden });
    expect([row?.tells, row?.guid, row?.fields]).toEqual(["subscribed", undefined, undefined]);
  });

  test("absent, and subscribed a moment before: told, but not if a run of ours did it", () => {
    const current = atProvider({ subscribedAt: sourceReadAt - hourMs });
    expect(told({ current })).toMatchObject({ tells: "subscribed" });
    expect(told({ current, circumstances: { isOurs: true, mayBeOurs: true } })).toBeUndefined();
  });

  test.each([
    ["unsubscribe", undefined],
    ["keep", undefined],
    ["return", "subscribed"],
  ] as const)("absent, and subscribed long ago, where such are to %s: %s", (onlyAtProvider, tells) => {
    const current = atProvider({ subscribedAt: april });
    expect(told({ current, policy: { onlyAtProvider } })?.tells).toBe(tells);
  });

  test.each([
    ["long ago, even where such are returned", atProvider()],
    ["a moment before", atProvider({ subscribedAt: sourceReadAt - hourMs })],
    ["since", recent],
  ])("absent, and a damaged row is this reader's, subscribed %s: nothing", (_, current) => {
    const shielded = { isShielded: true };
    const policy = { onlyAtProvider: "return" } as const;
    expect(told({ current, policy, circumstances: shielded })).toBeUndefined();
  });

  test("unsubscribed, subscribed at the provider since, and still unsubscribed when read once more: nothing", () => {
    const desired = inDatabase({ subscribed: false });
    const readAgain = (lastReadAt: number) =>
      told({ current: recent, desired, policy: { lastReadAt } })?.tells;
    expect([readAgain(sourceReadAt + 1000), readAgain(sourceReadAt + 1001)]).toEqual([
      "subscribed",
      undefined,
    ]);
    expect(told({ current: recent, policy: { lastReadAt: sourceReadAt + hourMs } })?.tells).toBe(
      "subscribed",
    );
  });

  test.each([
    ["unsubscribed, and so at the provider", inDatabase({ subscribed: false }), left("READER")],
    ["unsubscribed, and long subscribed there", inDatabase({ subscribed: false }), atProvider()],
    ["absent, and unsubscribed there", undefined, left("READER")],
    ["undecided, and subscribed there since", inDatabase({ subscribed: undefined }), recent],
    ["undecided, and unsubscribed there", inDatabase({ subscribed: undefined }), left("READER")],
  ])("%s: nothing", (_, desired, current) => {
    expect(told({ current, desired })).toBeUndefined();
  });
});

describe("of several spellings, one speaks for the reader", () => {
  const spelled = (email: string, more: Partial<CurrentSubscriber> = {}) => ({ email, ...more });
  const gone = (email: string, cause: UnsubscribeCause, unsubscribedAt: number) =>
    spelled(email, { subscribed: false, cause, unsubscribedAt });
  const row = { email: "jean@x.fr", consentedAt: april };
  /** The same whichever spelling comes first. */
  function toldOf(current: readonly (Partial<CurrentSubscriber> & { readonly email: string })[], more = {}) {
    const plans = [current, current.toReversed()].map((rows) => planFor(rows, [row], more).returns);
    expect(plans[0]).toEqual(plans[1]);
    return plans[0];
  }

  test("one that stays subscribed: nobody left", () => {
    const stays = spelled("JEAN@x.fr", { subscribedAt: june });
    expect(toldOf([gone("jean@x.fr", "READER", may), stays])).toEqual([]);
  });

  test("not one that the run takes off: the opt-out that it follows is told", () => {
    const follows = spelled("JEAN@x.fr", { subscribedAt: april });
    expect(toldOf([gone("jean@x.fr", "READER", may), follows])).toMatchObject([
      { tells: "unsubscribed", cause: "READER", changedAt: iso(may) },
    ]);
  });

  test("the earliest opt-out that no consent lifts, as a later one may be a run's", () => {
    const lifted = gone("Jean@x.fr", "READER", april - 1);
    expect(
      toldOf([gone("jean@x.fr", "READER", may), gone("JEAN@x.fr", "READER", june), lifted]),
    ).toMatchObject([{ changedAt: iso(may) }]);
  });

  test("an opt-out rather than the publisher's hand, and that rather than a bounce", () => {
    const bounced = gone("JEAN@x.fr", "HARD_BOUNCE", may);
    const byPublisher = gone("Jean@x.fr", "PUBLISHER", may + 1);
    expect(toldOf([bounced, byPublisher])).toMatchObject([{ cause: "PUBLISHER" }]);
    expect(toldOf([bounced, byPublisher, gone("jean@x.fr", "READER", june)])).toMatchObject([
      { cause: "READER" },
    ]);
  });

  test("a bounce, with its cause and its time, if it keeps out who would come back in another spelling", () => {
    const lifted = gone("jean@x.fr", "READER", april - 1);
    expect(toldOf([lifted, gone("JEAN@x.fr", "HARD_BOUNCE", may)])).toMatchObject([
      { tells: "bounced", cause: "HARD_BOUNCE", changedAt: iso(may) },
    ]);
  });

  test("a bounce, if a run of ours had unsubscribed the other one", () => {
    const ours = { remembered: { lastActOn: () => ({ kind: "unsubscribed", at: may }) } };
    const rows = [gone("jean@x.fr", "PUBLISHER", may), gone("JEAN@x.fr", "HARD_BOUNCE", june)];
    expect(toldOf(rows, ours)).toMatchObject([{ tells: "bounced" }]);
  });

  test("of subscribed ones the latest, with its fields", () => {
    const names = ["Jan", "Jon"].map((data_firstname) => ({ data_firstname }));
    const rows = [
      spelled("jean@x.fr", { subscribedAt: may, fields: names[0]! }),
      spelled("JEAN@x.fr", { subscribedAt: june, fields: names[1]! }),
    ];
    const policy = { providerFields: ["data_firstname"] };
    expect(toldOf(rows, { policy })).toMatchObject([{ tells: "updated", fields: { data_firstname: "Jon" } }]);
  });

  test("a subscription is told as no later than it was", () => {
    const came = spelled("anna@x.fr", { subscribedAt: sourceReadAt + 1900 });
    expect(planFor([came], [row]).returns).toMatchObject([{ changedAt: iso(sourceReadAt + 1000) }]);
  });
});
