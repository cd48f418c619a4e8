import { expect, test } from "vitest";
import { createReaderMatcher } from "../../functions/look-up-reader/reader-matcher.ts";

const anna = createReaderMatcher("Anna@Bücher.example");

test.each([
  "anna@bücher.example",
  "ANNA@BÜCHER.EXAMPLE",
  "anna@xn--bcher-kva.example",
  "anna@bu\u0308cher.example",
  '"anna@bücher.example"',
  "mailto:Anna@bücher.example?subject=x",
  "User 'anna@bücher.example' unknown",
  "<anna@bücher.example>.",
  "https://example.fr/?e=anna%40xn--bcher-kva.example&x=1",
  "https://example.fr/?e=anna%40b%C3%BCcher.example",
  "a,anna@bücher.example,b",
])("finds the reader in %j", (text) => {
  expect(anna.isMentionedIn(text)).toBe(true);
  expect(anna.mayBeIn(Buffer.from(text))).toBe(true);
});

test.each([
  ["a+b@x.fr", "https://x.fr/?e=a+b%40x.fr"],
  ["a+b@x.fr", "https://x.fr/?e=a%2Bb@x.fr"],
  ["o'brien@x.fr", "https://x.fr/?e=o%27brien%40x.fr"],
  ["o'brien@x.fr", "<td>o&#39;brien@x.fr</td>"],
  ["a&b@x.fr", "<td>a&amp;b@x.fr</td>"],
  ["anna@x.fr", "https://x.fr/?u=https%3A%2F%2Fy.fr%2F%3Fe%3Danna%2540x.fr"],
  ["anna@x.fr", "https://x.fr/?e=%61nna%40x.fr"],
  ["anna@x.fr", "https://x.fr/#anna@x.fr"],
  ["anna@x.fr", "bob@x.fr|anna@x.fr"],
  ["anna@x.fr", "anna&#x40;x.fr"],
  ["léa@x.fr", '{"e":"l\\u00e9a@x.fr"}'],
])("finds %s, however it is escaped, in %j", (email, text) => {
  const matcher = createReaderMatcher(email);
  expect(matcher.isMentionedIn(text)).toBe(true);
  expect(matcher.mayBeIn(Buffer.from(text))).toBe(true);
});

test.each([
  "joanna@bücher.example",
  "o'anna@bücher.example",
  "x.anna@bücher.example",
  "x+anna@bücher.example",
  "anna@bücher.example.org",
  "anna@sub.bücher.example",
  "anna@bucher.example",
  "anna at bücher.example",
  "",
])("does not take %j for the reader", (text) => {
  expect(anna.isMentionedIn(text)).toBe(false);
});

test("an address beyond ASCII is found in whatever form it is written", () => {
  const lea = createReaderMatcher("Léa@example.fr");
  for (const text of ["LÉA@example.fr", "le\u0301a@Example.fr", "?x=l%C3%A9a%40example.fr"]) {
    expect(lea.isMentionedIn(text)).toBe(true);
    expect(lea.mayBeIn(Buffer.from(text))).toBe(true);
  }
  expect(lea.isMentionedIn("lea@example.fr")).toBe(false);
});

test("the spellings in which the reader was found are known", () => {
  const matcher = createReaderMatcher("anna@example.fr");
  expect(matcher.isReader(" ANNA@example.fr ")).toBe(true);
  expect(matcher.isReader("bob@example.fr")).toBe(false);
  expect([...matcher.spellings]).toEqual(["anna@example.fr", "ANNA@example.fr"]);
});
