import { describe, expect, test } from "vitest";
import { parseMessage } from "../../functions/push-changes/push-message.ts";
import { blocksIn, readPage } from "../docs/read-pages.ts";

const now = Date.UTC(2026, 5, 1, 8, 0, 30);
const shown = blocksIn(readPage("docs/push.md"), "json").filter((block) => block.includes('"list"'));

test.each(shown)("the manual's message is one that the function takes: %s", (block) => {
  expect(parseMessage(block, now)).not.toHaveProperty("problem");
});

test("the manual shows a message of each kind", () => {
  expect(shown.map((block) => parseMessage(block, now))).toMatchObject([
    { kind: "change", desired: { subscribed: true, fields: { guid: "4711", data_firstname: "Ada" } } },
    { kind: "change", desired: { subscribed: false, cause: "READER" }, saidAt: Date.UTC(2026, 5, 1, 8) },
    { kind: "optIn", fields: { data_firstname: "Ada" } },
  ]);
});

describe("a message that can never be right says why", () => {
  const good = {
    list: "daily",
    email: "ada@example.fr",
    subscribed: true,
    consented_at: "2026-06-01T10:00:00Z",
  };
  const left = { list: "daily", email: "ada@example.fr", subscribed: false, at: "2026-06-01T10:00:00Z" };
  test.each([
    ["no cause of an opt-out, which is never guessed", left],
    ["a cause that nobody may send", { ...left, unsubscribed_cause: "HARD_BOUNCE" }],
    ["a time without an offset", { ...good, consented_at: "2026-06-01T10:00:00" }],
    ["no time", { ...good, consented_at: undefined }],
    ["a number where a text is expected", { ...good, data_age: 7 }],
    ["both kinds at once", { ...left, optIn: true, unsubscribed_cause: "READER" }],
    ["an array", [good]],
  ])("%s", (_, message) => {
    expect(parseMessage(JSON.stringify(message), now)).toHaveProperty("problem");
  });
});

test("the provider's form is sent no guid, which it does not know", () => {
  const message = { list: "daily", email: "ada@example.fr", optIn: true, guid: "7", data_a: "b" };
  expect(parseMessage(JSON.stringify(message), now)).toMatchObject({
    kind: "optIn",
    fields: { data_a: "b" },
  });
  expect(parseMessage(JSON.stringify(message), now)).not.toHaveProperty("fields.guid");
});

test("an opt-out is taken of an address that no provider would take as new", () => {
  const message = {
    list: "daily",
    email: "ada@nowhere",
    subscribed: false,
    unsubscribed_cause: "READER",
    at: "2026-06-01T10:00:00Z",
  };
  expect(parseMessage(JSON.stringify(message), now)).toMatchObject({ canonical: "ada@nowhere" });
});

test("a consent from the future is none, and no word that outweighs another", () => {
  const message = {
    list: "daily",
    email: "ada@example.fr",
    subscribed: true,
    consented_at: "2026-06-01T10:00:00Z",
  };
  const parsed = parseMessage(JSON.stringify(message), now);
  expect(parsed).toMatchObject({ saidAt: 0 });
  expect(parsed).not.toHaveProperty("desired.consentedAt");
});
