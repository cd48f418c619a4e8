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
