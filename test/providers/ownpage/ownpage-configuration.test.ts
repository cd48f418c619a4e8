import { expect, test } from "vitest";
import { createOwnpageClient } from "../../../functions/providers/ownpage/client.ts";
import { ownpageConfigurationSchema } from "../../../functions/providers/ownpage/ownpage-configuration.ts";
import { createSession } from "../../../functions/providers/ownpage/session.ts";
import { listId, optionsFor, sandboxWith, signal } from "./connect.ts";

const least = { kind: "ownpage", secret: "newsletter-sync/ownpage" };

test("the configuration needs nothing but the secret's name", () => {
  expect(ownpageConfigurationSchema.parse(least)).toEqual({
    ...least,
    baseUrl: "https://services.ownpage.fr/v1",
    concurrency: 4,
  });
});

test.each([
  ["secret", { secret: "" }],
  ["concurrency", { concurrency: 0 }],
  ["concurrency", { concurrency: 33 }],
  ["baseUrl", { baseUrl: "services.ownpage.fr/v1" }],
  ["baseUrl", { baseUrl: "ftp://services.ownpage.fr/v1" }],
  ["baseUrl", { baseUrl: "https://me:key@services.ownpage.fr/v1" }],
  ["baseUrl", { baseUrl: "https://services.ownpage.fr/v1?key=1" }],
  ["", { apiKey: "unknown fields are errors" }],
])("the configuration is refused for its %s: %j", (field, change) => {
  const { error } = ownpageConfigurationSchema.safeParse({ ...least, ...change });
  expect(error?.issues[0]?.path.join(".")).toBe(field);
});

test("the provider may be one on this machine", () => {
  const baseUrl = "http://127.0.0.1:4010/v1";
  expect(ownpageConfigurationSchema.parse({ ...least, baseUrl }).baseUrl).toBe(baseUrl);
});

test("a base URL may end with a slash", async () => {
  const sandbox = await sandboxWith({ lists: [{ id: listId }] });
  const options = optionsFor(sandbox, { baseUrl: `${sandbox.url}/` });
  const client = createOwnpageClient(createSession(options), listId);
  expect(await client.count(signal)).toMatchObject({ subscribed: 0 });
});
