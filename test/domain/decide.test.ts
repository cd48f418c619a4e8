import { describe, expect, test } from "vitest";
import { decide, type Policy } from "../../functions/domain/decide.ts";
import type {
  CurrentSubscriber,
  DesiredSubscriber,
  UnsubscribeCause,
} from "../../functions/domain/subscriber.ts";

const policy: Policy = {
  onlyAtProvider: "unsubscribe",
  resubscribeBounced: false,
  comparable: { guid: true, data: true },
};
const may = Date.UTC(2026, 4, 1);
const june = Date.UTC(2026, 5, 1);

const inDatabase = (more: Partial<DesiredSubscriber> = {}): DesiredSubscriber => ({
  email: "Jean@Example.fr",
  subscribed: true,
  fields: { guid: "7", data_firstname: "Jean" },
  ...more,
});
const atProvider = (more: Partial<CurrentSubscriber> = {}): CurrentSubscriber => ({
  email: "jean@example.fr",
  subscribed: true,
  recent: false,
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
  test("absent at the provider: subscribe, spelled as the database does, with every field that has a value", () => {
    const row = inDatabase({ fields: { guid: "7", data_firstname: "" } });
    expect(decide(undefined, row, policy)).toEqual({
      kind: "subscribe",
      email: "Jean@Example.fr",
      fields: { guid: "7" },
      saw: null,
      reason: "not at the provider",
    });
  });

  test("subscribed at the provider with other fields: update those alone, spelled as the provider does", () => {
    const current = atProvider({
      fields: { guid: "7", data_firstname: "John" },
    });
    expect(decide(current, inDatabase(), policy)).toMatchObject({
      kind: "update",
      email: "jean@example.fr",
      fields: { data_firstname: "Jean" },
      saw: { subscribed: true, fields: { data_firstname: "John" } },
    });
  });

  test("subscribed at the provider with the same fields: nothing", () => {
    expect(decide(atProvider(), inDatabase(), policy)).toBe("unchanged");
  });

  test("an empty value in the database clears the provider's, but an empty guid changes nothing", () => {
    const row = inDatabase({ fields: { guid: "", data_firstname: "" } });
    expect(decide(atProvider(), row, policy)).toMatchObject({
      kind: "update",
      fields: { data_firstname: "" },
    });
  });

  test("what the provider never shows is not compared", () => {
    const blind = { ...policy, comparable: { guid: false, data: false } };
    expect(decide(atProvider({ fields: {} }), inDatabase(), blind)).toBe("unchanged");
  });

  test.each(["READER", "UNKNOWN", undefined] as const)("unsubscribed by %s: kept as opted out", (cause) => {
    expect(decide(unsubscribed(cause, may), inDatabase(), policy)).toBe("optedOut");
  });

  test.each(["READER", "UNKNOWN", undefined] as const)(
    "unsubscribed by %s, but consented later: resubscribe",
    (cause) => {
      const decision = decide(unsubscribed(cause, may), inDatabase({ consentedAt: june }), policy);
      expect(decision).toMatchObject({
        kind: "resubscribe",
        email: "jean@example.fr",
        fields: {},
      });
    },
  );

  test.each([
    ["consented before", may, april()],
    ["consented at the same moment", may, may],
    ["at an unknown time", undefined, june],
    ["with no time of consent", may, undefined],
  ])("unsubscribed by READER, %s: kept as opted out", (_, unsubscribedAt, consentedAt) => {
    const row = inDatabase(consentedAt === undefined ? {} : { consentedAt });
    expect(decide(unsubscribed("READER", unsubscribedAt), row, policy)).toBe("optedOut");
  });

  test.each(["HARD_BOUNCE", "MULTIPLE_BOUNCES"] as const)("unsubscribed by %s: kept as bounced", (cause) => {
    expect(decide(unsubscribed(cause, may), inDatabase({ consentedAt: june }), policy)).toBe("bounced");
  });

  test("unsubscribed by a bounce, and the policy tries such addresses again: resubscribe", () => {
    const again = { ...policy, resubscribeBounced: true };
    expect(decide(unsubscribed("HARD_BOUNCE", may), inDatabase(), again)).toMatchObject({
      kind: "resubscribe",
    });
  });

  test("unsubscribed by PUBLISHER: resubscribe, with the fields that differ", () => {
    const row = inDatabase({ fields: { guid: "8", data_firstname: "Jean" } });
    expect(decide(unsubscribed("PUBLISHER", june), row, policy)).toMatchObject({
      kind: "resubscribe",
      fields: { guid: "8" },
      saw: {
        subscribed: false,
        cause: "PUBLISHER",
        unsubscribedAt: "2026-06-01T00:00:00.000Z",
      },
    });
  });
});

describe("unsubscribed in the database", () => {
  test.each([
    ["READER", "READER"],
    ["PUBLISHER", "PUBLISHER"],
    [undefined, "PUBLISHER"],
  ] as const)("by %s, subscribed at the provider: unsubscribe as %s", (cause, sent) => {
    const row = inDatabase({ subscribed: false, ...(cause && { cause }) });
    expect(decide(atProvider(), row, policy)).toMatchObject({
      kind: "unsubscribe",
      cause: sent,
    });
  });

  test("unsubscribed or absent at the provider: nothing", () => {
    const row = inDatabase({ subscribed: false });
    expect(decide(unsubscribed("READER", may), row, policy)).toBe("unchanged");
    expect(decide(undefined, row, policy)).toBe("unchanged");
  });
});

describe("absent in the database", () => {
  test("subscribed at the provider: unsubscribe as PUBLISHER, never as READER", () => {
    expect(decide(atProvider(), undefined, policy)).toMatchObject({
      kind: "unsubscribe",
      cause: "PUBLISHER",
    });
  });

  test("subscribed after the database was read: kept as recent", () => {
    expect(decide(atProvider({ recent: true }), undefined, policy)).toBe("recent");
  });

  test("subscribed at the provider, and the policy keeps such addresses: kept", () => {
    expect(decide(atProvider(), undefined, { ...policy, onlyAtProvider: "keep" })).toBe("onlyAtProvider");
  });

  test("unsubscribed at the provider: nothing", () => {
    expect(decide(unsubscribed("READER", may), undefined, policy)).toBe("unchanged");
  });
});

function april(): number {
  return Date.UTC(2026, 3, 1);
}
