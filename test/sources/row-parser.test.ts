import { describe, expect, test } from "vitest";
import { createRowParser } from "../../functions/sources/row-parser.ts";

const paris = "Europe/Paris";

function parseOne(row: Record<string, string | null>) {
  return createRowParser(Object.keys(row), paris).parse(Object.values(row), () => "line 7");
}

describe("the columns", () => {
  test("that become fields are guid and data_*, in the order of the source", () => {
    const columns = ["data_b", "subscribed", "guid", "email", "consented_at", "unsubscribed_cause", "data_a"];
    expect(createRowParser(columns, paris).fieldColumns).toEqual(["data_b", "guid", "data_a"]);
  });

  test("are trimmed, and case matters only in data_*", () => {
    const parser = createRowParser([" Email", "GUID ", "Subscribed", " data_FirstName"], paris);
    expect(parser.fieldColumns).toEqual(["guid", "data_FirstName"]);
    expect(parser.parse(["a@example.fr", "1", "no", "Zoé"], () => "line 2")).toEqual({
      email: "a@example.fr",
      subscribed: false,
      cause: "PUBLISHER",
      fields: { guid: "1", data_FirstName: "Zoé" },
    });
  });

  test.each([
    [["guid"], "source, its columns: none of the 1 is named email"],
    [["email", "Email"], 'source, column 2: "email" occurs twice'],
    [["email", "data_a", "data_a"], 'source, column 3: "data_a" occurs twice'],
    [["email", "", "guid"], "source, column 2: has no name: does each line end with an extra delimiter?"],
    [["email", "firstname"], /column 2: "firstname" is not one of .* name it data_firstname$/],
    [["email", "Data_Town"], /column 2: "Data_Town" is not one of .* name it data_Town$/],
    [["email", "data_"], /column 2: "data_" is not one of [^.]*$/],
  ])("%j are refused", (columns, message) => {
    expect(() => createRowParser(columns, paris)).toThrow(message);
  });

  test("of a file without a header are not shown, as they are a reader's data", () => {
    const error = captured(() => createRowParser(["jane@example.fr", "Jane Doe"], paris));
    expect(error.message).not.toMatch(/jane/i);
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

  test.each([null, "", " ", "true", "T", "1", "Yes", "y", " TRUE "])(
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

  test("with any other value for subscribed is an error that does not show the value", () => {
    const error = captured(() => parseOne({ email: "a@example.fr", subscribed: "oui" }));
    expect(error.name).toBe("SourceError");
    expect(error.message).toBe(
      "source, line 7, column subscribed: expected true, t, 1, yes, y, false, f, 0, no, n or nothing",
    );
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

  test.each([null, "", "  "])("with consented_at %j has no time of consent", (consented_at) => {
    expect(parseOne({ email: "a@example.fr", consented_at })).not.toHaveProperty("consentedAt");
  });

  test("with an invalid time of consent is an error that does not show the value", () => {
    const error = captured(() => parseOne({ email: "a@example.fr", consented_at: "31/12/2025" }));
    expect(error.message).toBe(
      "source, line 7, column consented_at: expected a time such as 2026-01-31T08:30:00+01:00, or nothing",
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
    expect(parseOne({ email, guid: "1" })).toEqual({ email: "", reason: "email is empty", place: "line 7" });
  });

  test("with an address of more than 1,000 characters is rejected, and only its start is kept", () => {
    expect(parseOne({ email: `${"x".repeat(1000)}@example.fr` })).toEqual({
      email: "x".repeat(100),
      reason: "email is longer than 1000 characters",
      place: "line 7",
    });
  });

  test("with an invalid address is accepted, as the planner decides on it", () => {
    expect(parseOne({ email: "not an address" })).toMatchObject({
      email: "not an address",
      subscribed: true,
    });
  });
});

function captured(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
