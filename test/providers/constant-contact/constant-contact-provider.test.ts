import { expect, test } from "vitest";
import type { Change } from "../../../functions/domain/plan.ts";
import { createConstantContactProvider } from "../../../functions/providers/constant-contact/constant-contact-provider.ts";
import { dailyList, type SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { failureOf, onDaily, openWorld, signal, start } from "./connect.ts";

const writing = { since: start, held: 0, signal };
const reading = { columns: ["guid"], subscribedSince: 0, expected: 0, signal };
const subscribe = (email: string, fields = {}): Change => ({
  kind: "subscribe",
  email,
  fields,
  saw: null,
  reason: "a test",
});
const unsubscribe = (email: string): Change => ({
  kind: "unsubscribe",
  email,
  cause: "PUBLISHER",
  saw: { subscribed: true, fields: {} },
  reason: "a test",
});

async function listWith(options: SandboxOptions = {}, listId = dailyList) {
  const world = await openWorld(options);
  const notes: string[] = [];
  const list = { name: "daily", listId };
  const note = (text: string) => void notes.push(text);
  const provider = createConstantContactProvider({ ...world.options(), list, note });
  const activities = (kind: RegExp) => world.sandbox.requests.filter(({ template }) => kind.test(template));
  return { ...world, sandbox: world.sandbox, provider, notes, activities };
}

test("a batch that is too large for one import goes in several, and nothing of it is cut", async () => {
  const { provider, sandbox, activities } = await listWith();
  const changes = Array.from({ length: 18_000 }, (_, n) =>
    subscribe(`reader${n}@example.org`, { guid: "é".repeat(100) }),
  );
  const { counters } = await provider.writeBatch(changes, writing);
  expect(counters["person_count"]).toEqual({ predicted: 18_000, answered: 18_000 });
  expect(activities(/contacts_json_import/)).toHaveLength(2);
  expect(sandbox.membersOf(dailyList)).toHaveLength(18_000);
});

test("at most five hundred contacts are taken off the list by one activity", async () => {
  const { provider, sandbox, activities } = await listWith({ synthetic: 1_200 });
  const emails = sandbox.contacts.map(({ email }) => email!);
  const { counters, stale } = await provider.writeBatch([...emails, "none@x.fr"].map(unsubscribe), writing);
  expect(counters["items_completed_count"]).toEqual({ predicted: 1_200, answered: 1_200 });
  expect(stale).toHaveLength(1);
  expect(
    activities(/remove_list_memberships/)
      .map(({ body }) => (body as { source: { contact_ids: string[] } }).source.contact_ids.length)
      .sort(),
  ).toEqual([200, 500, 500]);
  expect(sandbox.membersOf(dailyList)).toEqual([]);
});

test("a contact who has no address is nobody, and a note counts such", async () => {
  const { provider, notes } = await listWith({
    contacts: [{ sms_address: "+12025550100" }, onDaily("a@x.fr")],
  });
  expect(await provider.countSubscribers(signal)).toEqual({ subscribed: 1, unsubscribed: 0 });
  let rows = 0;
  for await (const { records } of provider.readPages(reading)) rows += records.count;
  expect([rows, notes.filter((note) => note.includes("no e-mail address: 1"))]).toEqual([
    1,
    [expect.anything()],
  ]);
});

test("a list that the account does not have is an error that names it", async () => {
  const unknown = "99999999-0000-4000-8000-000000000009";
  const { provider } = await listWith({}, unknown);
  const error = await failureOf(provider.countSubscribers(signal));
  expect(error.name).toBe("ProviderRefusalError");
  expect(error.message).toContain(unknown);
});

test("what is counted after a reading is what was read, and the next count looks again", async () => {
  const { provider, sandbox } = await listWith({ contacts: [onDaily("a@x.fr")] });
  await provider.countSubscribers(signal);
  for await (const _ of provider.readPages(reading)) sandbox.requests.length = 0;
  sandbox.people.signUp("b@x.fr", dailyList);
  expect((await provider.countSubscribers(signal)).subscribed).toBe(1);
  expect(sandbox.requests).toEqual([]);
  expect((await provider.countSubscribers(signal)).subscribed).toBe(2);
});
