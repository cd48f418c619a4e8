import { describe, expect, test } from "vitest";
import type { DesiredSubscriber } from "../../functions/domain/subscriber.ts";
import { createRowParser } from "../../functions/sources/row-parser.ts";

const readAt = Date.UTC(2026, 6, 3);

function parserOf(columns: readonly string[]) {
  return createRowParser(columns, { timeZone: "Europe/Paris", readAt });
}

function parseOne(row: Record<string, string | null>) {
  return parserOf(Object.keys(row)).parse(Object.values(row), () => "line 7");
}

describe("the columns", () => {
  test("that become fields are guid and data_*, in the order of the source", () => {
    const columns = ["data_b", "subscribed", "guid", "email", "consented_at", "unsubscribed_cause", "data_a"];
    expect(parserOf(columns).fieldColumns).toEqual(["data_b", "guid", "data_a"]);
  });

  test("are trimmed, and case matters only in data_*", () => {
    const parser = parserOf([" Email", "GUID ", "Subscribed", " data_FirstName"]);
    expect(parser.fieldColumns).toEqual(["guid", "data_FirstName"]);
    expect(parser.parse(["a@example.fr", "1", "no", "Zoé"], () => "line 2")).toEqual({
      email: "a@example.fr",
      subscribed: false,
      cause: "PUBLISHER",
      fields: { guid: "1", data_FirstName: "Zoé" },
    });
  });
});

describe("a row", () => {
  test("with only an address is subscribed", () => {
    expect(parseOne({ email: " Jane@Example.fr\t" })).toEqual({
      email: "Jane@Example.fr",
      subscribed: true,
      fields: {},
    });
  });

  test("with NULL for subscribed is undecided, unlike a row of a source without the column", () => {
    const { subscribed, ...row } = parseOne({ email: "a@example.fr", subscribed: null }) as DesiredSubscriber;
    expect(subscribed).toBeUndefined();
    expect(row).toEqual({ email: "a@example.fr", fields: {} });
  });

  test.each(["", " ", "true", "T", "1", "Yes", "y", " TRUE "])(
    "with subscribed %j is subscribed",
    (subscribed) => {
      expect(parseOne({ email: "a@example.fr", subscribed })).toMatchObject({ subscribed: true });
    },
  );

  test.each(["false", "F", "0", "No", "n", " FALSE "])(
    "with subscribed %j is not subscribed",
    (subscribed) => {
      expect(parseOne({ email: "a@example.fr", subscribed })).toMatchObject({ subscribed: false });
    },
  );

  test("with any other value for subscribed is rejected, and the value is not shown", () => {
    expect(parseOne({ email: "a@example.fr", subscribed: "oui" })).toEqual({
      email: "a@example.fr",
      reason: "subscribed: expected true, t, 1, yes, y, false, f, 0, no, n or nothing",
      place: "line 7",
      unsubscribed: false,
    });
  });

  test.each([
    ["READER", "READER"],
    [" reader ", "READER"],
    ["PUBLISHER", "PUBLISHER"],
    ["HARD_BOUNCE", "PUBLISHER"],
    [null, "PUBLISHER"],
  ])("that is unsubscribed with the cause %j has the cause %s", (unsubscribed_cause, cause) => {
    expect(parseOne({ email: "a@example.fr", subscribed: "0", unsubscribed_cause })).toMatchObject({ cause });
  });

  test("that is subscribed has no cause", () => {
    expect(parseOne({ email: "a@example.fr", unsubscribed_cause: "READER" })).not.toHaveProperty("cause");
  });

  test("has its time of consent in the zone when it has no offset", () => {
    expect(parseOne({ email: "a@example.fr", consented_at: " 2026-07-02 12:00:00 " })).toMatchObject({
      consentedAt: Date.UTC(2026, 6, 2, 10),
    });
  });

  test.each([null, "", "  "])("with consented_at %j has no consent, nor claims one", (consented_at) => {
    expect(parseOne({ email: "a@example.fr", consented_at })).not.toHaveProperty("consentedAt");
    expect(parserOf(["consented_at", "email"]).claimsConsent([consented_at, ""])).toBe(false);
  });

  test.each([
    "infinity",
    "-infinity",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0001-01-01 00:00:00",
    "0044-03-15 00:00:00+00 BC",
    "2026-07-02 12:00:00+00 BC",
    "294276-12-31 23:59:59.999999+00",
    "9999-12-31",
    "31/12/2025",
    "1767225600",
    "soon",
  ])("with consented_at %j goes without a consent, and claims one", (consented_at) => {
    expect(parseOne({ email: "a@example.fr", consented_at })).toEqual({
      email: "a@example.fr",
      subscribed: true,
      fields: {},
    });
    expect(parserOf(["consented_at", "email"]).claimsConsent([consented_at, ""])).toBe(true);
  });

  test("may have consented five minutes after it was read, as clocks differ, but not later", () => {
    const at = (ms: number) => new Date(ms).toISOString();
    const latest = readAt + 300_000;
    expect(parseOne({ email: "a@example.fr", consented_at: at(latest) })).toMatchObject({
      consentedAt: latest,
    });
    expect(parseOne({ email: "a@example.fr", consented_at: at(latest + 1) })).not.toHaveProperty(
      "consentedAt",
    );
  });

  test("has a field for each value that is not empty: guid trimmed, data_* unchanged", () => {
    expect(
      parseOne({ email: "a@example.fr", guid: " 12 ", data_a: " x ", data_b: null, data_c: "" }),
    ).toMatchObject({
      fields: { guid: "12", data_a: " x " },
    });
  });

  test.each([null, "", " \t "])("with the address %j is rejected", (email) => {
    expect(parseOne({ email, guid: " 1 " })).toEqual({
      email: "",
      reason: "email is empty",
      place: "line 7",
      guid: "1",
      unsubscribed: false,
    });
  });

  test("with an address of more than 1,000 characters is rejected, and only its start is kept", () => {
    expect(parseOne({ email: `${"x".repeat(1000)}@example.fr` })).toEqual({
      email: "x".repeat(100),
      reason: "email is longer than 1000 characters",
      place: "line 7",
      unsubscribed: false,
    });
  });

  test("that is rejected tells whether its reader is unsubscribed", () => {
    expect(parseOne({ email: "", subscribed: "no" })).toMatchObject({ unsubscribed: true });
    expect(parseOne({ email: "", subscribed: null })).toMatchObject({ unsubscribed: false });
  });

  test.each([
    ["\u200b", "U+200B"],
    ["\u00ad", "U+00AD"],
    ["\u00a0", "U+00A0"],
    ["\u202e", "U+202E"],
    ["\t", "U+0009"],
  ])("whose address has %j before the @ is rejected, and the character named", (character, name) => {
    expect(parseOne({ email: `ma${character}rie@example.fr` })).toMatchObject({
      reason: `email has an invisible character, ${name}`,
    });
  });

  test("whose address has such a character after the @ is accepted: the domain is sent without it", () => {
    expect(parseOne({ email: "marie@exam\u200bple.fr" })).toMatchObject({ subscribed: true });
  });

  test("with an invalid address is accepted, as the planner decides on it", () => {
    expect(parseOne({ email: "not an address" })).toMatchObject({
      email: "not an address",
      subscribed: true,
    });
  });
});
