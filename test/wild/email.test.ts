import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { canonicalEmail, isDeliverable } from "../../functions/domain/email.ts";
import { addresses } from "./email-cases.ts";
import { within } from "./time-limit.ts";

test.each(addresses)("%j is compared as %j, which is deliverable: %j", (text, canonical, deliverable) => {
  expect(canonicalEmail(text)).toBe(canonical);
  expect(canonicalEmail(canonical)).toBe(canonical);
  expect(isDeliverable(canonical)).toBe(deliverable);
});

const signs = [
  ..."@.-+'\"()<>[]:;,\\/%=_ \t\n\r\0",
  "\u00a0",
  "\u00ad",
  "\u0085",
  "\u200b",
  "\u200d",
  "\u202e",
  "\u2028",
];
const letters = [
  "a",
  "B",
  "é",
  "e\u0301",
  "\u0338",
  "İ",
  "ß",
  "ẞ",
  "Σ",
  "ς",
  "ﬃ",
  "㎏",
  "½",
  "１",
  "٠",
  "ａ",
  "．",
  "。",
  "＠",
  "😀",
  "\ud800",
];
const labels = ["x.fr", "xn--", "xn--a", "xn--9ca", "0x7f", "fr", "例え", "بريد"];
const wildText = fc
  .array(
    fc.oneof(fc.constantFrom(...signs, ...letters, ...labels), fc.string({ unit: "binary", maxLength: 3 })),
  )
  .map((parts) => parts.join(""));
const wild = fc.oneof(
  wildText,
  fc.tuple(wildText, wildText).map(([local, domain]) => `${local}@${domain}`),
  fc.tuple(fc.string({ unit: "grapheme" }), wildText).map(([local, domain]) => `x${local}@${domain}y.fr`),
  fc.emailAddress(),
);
const runs = { numRuns: 1500 };

describe("for any text", () => {
  property.prop([wild], runs)("the canonical form is canonical itself", (text) => {
    const canonical = canonicalEmail(text);
    expect(canonicalEmail(canonical)).toBe(canonical);
  });

  property.prop([wild, fc.constantFrom(" ", "\t", "\r\n", "\u00a0", "\ufeff", "\u3000")], runs)(
    "the canonical form depends neither on surrounding space nor on how letters are composed",
    (text, space) => {
      const canonical = canonicalEmail(text);
      expect(canonicalEmail(`${space}${text}${space}`)).toBe(canonical);
      expect(canonicalEmail(text.trim().normalize("NFD"))).toBe(canonical);
    },
  );

  property.prop([wild], runs)(
    "a deliverable address is one word, one @, and a domain of non-empty ASCII labels",
    (text) => {
      const canonical = canonicalEmail(text);
      if (!isDeliverable(canonical)) return;
      expect(canonical).toMatch(/^[^@\s\p{C}"(),:;<>[\\\]]+@[a-z\d-]+(\.[a-z\d-]+)+$/u);
      expect(canonical.length).toBeLessThanOrEqual(254);
      expect(canonical.indexOf("@")).toBeLessThanOrEqual(64);
    },
  );

  property.prop([fc.string({ unit: "binary" })])(
    "isDeliverable never throws, whether the text is canonical or not",
    (text) => {
      expect(typeof isDeliverable(text)).toBe("boolean");
    },
  );
});

property.prop([fc.emailAddress()], runs)(
  "an ASCII address is deliverable in upper and lower case",
  (email) => {
    expect(canonicalEmail(email.toUpperCase())).toBe(canonicalEmail(email));
    if (email.length <= 254) expect(isDeliverable(canonicalEmail(email))).toBe(true);
  },
);

test.each([
  "@",
  ".",
  "-",
  "a",
  "a.",
  "a-",
  "é",
  "é.",
  "é@",
  "1.",
  "xn--",
  "e\u0301",
  "\u0301",
  " ",
  "\t@",
  '"',
  "😀",
  "\ud800",
])("a megabyte of %j is quickly found not to be an address", (part) => {
  const long = part.repeat(1_000_000 / part.length);
  for (const text of [long, `a@${long}.fr`, `${long}@x.fr`]) {
    const canonical = within(3000, () => canonicalEmail(text));
    expect(within(3000, () => isDeliverable(canonical))).toBe(false);
  }
});
