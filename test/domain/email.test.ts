import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { canonicalEmail, isDeliverable } from "../../functions/domain/email.ts";

describe("canonicalEmail", () => {
  test.each([
    [" Jean@Example.FR\t", "jean@example.fr"],
    ["\u00a0jean@example.fr\ufeff", "jean@example.fr"],
    ["JEAN@BÜCHER.example", "jean@xn--bcher-kva.example"],
    ["jean@bu\u0308cher.example", "jean@xn--bcher-kva.example"],
    ["E\u0301lodie@example.fr", "élodie@example.fr"],
    ['"a@b"@example.fr', '"a@b"@example.fr'],
    ["no address", "no address"],
    ["", ""],
  ])("%j is compared as %j", (email, canonical) => {
    expect(canonicalEmail(email)).toBe(canonical);
  });

  property.prop([fc.string({ unit: "grapheme", maxLength: 40 })])(
    "never throws, and leaves a canonical address as it is",
    (text) => {
      expect(canonicalEmail(canonicalEmail(text))).toBe(canonicalEmail(text));
    },
  );
});

describe("isDeliverable", () => {
  test.each([
    "jean@example.fr",
    "jean+news@mail.example.fr",
    "o'hara@example.ie",
    "a&b!#$%*=?^_`{|}~-/@example.fr",
    "élodie@example.fr",
    "jean@xn--bcher-kva.example",
    `${"x".repeat(64)}@example.fr`,
  ])("accepts %s", (email) => {
    expect(isDeliverable(email)).toBe(true);
  });

  test.each([
    "",
    "jean",
    "user1@",
    "@example.fr",
    "jean@localhost",
    "jean@example..fr",
    "jean@-example.fr",
    "jean dupont@example.fr",
    "jean@example.fr, marie@example.fr",
    "jean@exa mple.fr",
    "jean@@example.fr",
    `${"x".repeat(65)}@example.fr`,
    `jean@${"x".repeat(63)}.${"x".repeat(63)}.${"x".repeat(63)}.${"x".repeat(63)}.fr`,
  ])("rejects %j", (email) => {
    expect(isDeliverable(email)).toBe(false);
  });
});
