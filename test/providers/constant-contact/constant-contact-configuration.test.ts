import { expect, test } from "vitest";
import {
  constantContactConfigurationSchema,
  constantContactListIdSchema,
  credentialsExample,
  credentialsSchema,
} from "../../../functions/providers/constant-contact/constant-contact-configuration.ts";

const least = { kind: "constant-contact", secret: "news/cc" };

test("only a secret is needed: the addresses are the provider's own", () => {
  expect(constantContactConfigurationSchema.parse(least)).toEqual({
    ...least,
    baseUrl: "https://api.cc.email/v3",
    tokenUrl: "https://authz.constantcontact.com/oauth2/default/v1/token",
  });
});

test.each([
  ["an unknown field", { concurrency: 4 }],
  ["an address with a query", { baseUrl: "https://api.cc.email/v3?x=1" }],
  ["an address with a user", { tokenUrl: "https://me@authz.example/token" }],
  ["no secret", { secret: "" }],
])("%s is refused", (_, change) => {
  expect(constantContactConfigurationSchema.safeParse({ ...least, ...change }).success).toBe(false);
});

test("a list's id is a UUID, in lower case as the provider writes it", () => {
  const id = "11571157-aaaa-4000-8000-000000000001";
  expect(constantContactListIdSchema.parse(id.toUpperCase())).toBe(id);
  expect(constantContactListIdSchema.safeParse(123).success).toBe(false);
  expect(constantContactListIdSchema.safeParse("daily").success).toBe(false);
});

test("the example of a secret is one, and what of ours is damaged in it is done without", () => {
  const example = JSON.parse(credentialsExample);
  expect(credentialsSchema.parse(example)).toEqual(example);
  const damaged = { ...example, accessToken: "a\nb", expiresAt: "soon", note: "kept" };
  expect(credentialsSchema.parse(damaged)).toEqual({ ...example, note: "kept" });
});
