import { expect, test } from "vitest";
import { createOwnpageProvider } from "../../../functions/providers/ownpage/ownpage-provider.ts";
import { callsOf, listId, optionsFor, sandboxWith, signal } from "./connect.ts";

const options = { columns: ["guid", "data_firstname"], subscribedSince: 0, signal };
const search = "GET /newsletters/lists/LIST_ID/subscribers";

async function providerWith(...emails: string[]) {
  const subscribers = emails.map((email) => ({ email, guid: email, data_firstname: "Ada" }));
  const sandbox = await sandboxWith({ lists: [{ id: listId, subscribers }] });
  const provider = createOwnpageProvider({ ...optionsFor(sandbox), listId, timeZone: "Europe/Paris" });
  return { sandbox, find: (...addresses: string[]) => provider.findSubscribers!(addresses, options) };
}

test("finds an address in every spelling, with its fields, and nobody else", async () => {
  const { find } = await providerWith(
    "Ada@Example.fr",
    "ada@example.fr",
    "ada@example.fr.net",
    "bob@example.fr",
  );
  const found = await find("ada@example.fr");
  expect(found?.rows.map(({ email }) => email).toSorted()).toEqual(["Ada@Example.fr", "ada@example.fr"]);
  expect(found?.rows[1]).toMatchObject({ subscribed: true, fields: { data_firstname: "Ada" } });
  expect(found).toMatchObject({ showsGuid: true, showsData: true });
});

test("finds a domain in both of its scripts, and each row once", async () => {
  const { find } = await providerWith("ada@müller.example", "bob@xn--mller-kva.example");
  const found = await find("ada@xn--mller-kva.example", "bob@xn--mller-kva.example");
  expect(found?.rows.map(({ email }) => email).toSorted()).toEqual([
    "ada@müller.example",
    "bob@xn--mller-kva.example",
  ]);
});

test("finds nobody where there is nobody", async () => {
  const { find } = await providerWith();
  expect((await find("ada@example.fr"))?.rows).toEqual([]);
});

test("makes a request for each of up to fifty addresses, and none for more", async () => {
  const { find, sandbox } = await providerWith("ada@example.fr");
  const addresses = Array.from({ length: 51 }, (_, n) => `reader-${n}@example.fr`);
  expect(await find(...addresses)).toBeUndefined();
  expect(callsOf(sandbox).filter((call) => call === search)).toEqual([]);
  await find(...addresses.slice(1));
  expect(callsOf(sandbox).filter((call) => call === search)).toHaveLength(50);
});
