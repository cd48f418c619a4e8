import { describe, expect, test } from "vitest";
import type { Change } from "../../../functions/domain/plan.ts";
import type { Contact } from "../../../functions/providers/constant-contact/contact.ts";
import { Look } from "../../../functions/providers/constant-contact/look.ts";
import type { ContactSeed } from "../../../infra/sandbox/constant-contact/contact.ts";
import { dailyList, type SandboxOptions } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { onDaily, openWorld, signal, start } from "./connect.ts";

const dayMs = 86_400_000;
const numbered = (count: number) => Array.from({ length: count }, (_, n) => `reader${n}@x.fr`);
const saw = { subscribed: true, fields: {} };
const left = { subscribed: false, cause: "READER" as const, fields: {} };
const shared = { fields: {}, reason: "a test" };
const subscribe = (email: string): Change => ({ kind: "subscribe", email, saw: null, ...shared });
const update = (email: string): Change => ({ kind: "update", email, saw, ...shared });
const resubscribe = (email: string): Change => ({ kind: "resubscribe", email, saw: left, ...shared });

async function lookAt(
  contacts: readonly ContactSeed[],
  members = contacts.length,
  { size = contacts.length, ...options }: SandboxOptions & { readonly size?: number } = {},
) {
  const created_at = new Date(start - 10 * dayMs).toISOString();
  const seeds = contacts.map((contact) => ({ created_at, ...contact }));
  const world = await openWorld({ contacts: seeds, ...options });
  const recorded: Contact[] = [];
  const record = async (read: readonly Contact[]) => void recorded.push(...read);
  const look = new Look({
    client: world.client(),
    mirror: { record },
    listId: dailyList,
    clock: world.clock,
    since: start,
    sizes: { members, contacts: size },
    isKnown: (email) => contacts.some((contact) => contact.email === email),
  });
  const contactCalls = () =>
    world.sandbox.requests
      .filter(({ template }) => template === "/contacts")
      .map(({ query }) =>
        ["email", "lists", "updated_after", "optout_after"].filter((name) => name in query).join(),
      );
  const standings = async (...changes: readonly Change[]) => {
    const looked = await look.at(changes, signal);
    return changes.map((change) => looked.standingOf(change));
  };
  return { world, look, recorded, contactCalls, standings, people: world.sandbox.people };
}

test("a few addresses are asked for one by one", async () => {
  const { standings, contactCalls } = await lookAt([onDaily("on@x.fr"), { email: "off@x.fr" }]);
  expect(await standings(update("on@x.fr"), update("off@x.fr"), subscribe("new@x.fr"))).toEqual([
    "member",
    "outside",
    "unknown",
  ]);
  expect(contactCalls()).toEqual(["email", "email", "email"]);
});

test("for many new addresses, what changed in the account is read, by both clocks", async () => {
  const { standings, contactCalls, people } = await lookAt([{ email: "old@x.fr" }]);
  people.add({ email: "new1@x.fr", permission_to_send: "pending_confirmation" });
  const changes = [0, 1, 2, 3].map((n) => subscribe(`new${n}@x.fr`));
  expect(await standings(...changes)).toEqual(["unknown", "unfit", "unknown", "unknown"]);
  expect(contactCalls()).toEqual(["updated_after", "optout_after"]);
});

test("who has just come or done something is not put on a list that they may have left", async () => {
  const { standings, people, recorded } = await lookAt([{ email: "known@x.fr" }, { email: "calm@x.fr" }], 2, {
    updatedAtMovesWith: ["membership"],
  });
  for (const email of ["new@x.fr", "known@x.fr"]) {
    people.signUp(email, dailyList);
    people.leave(email, dailyList);
  }
  people.add({ email: "edited@x.fr" });
  const changes = ["new@x.fr", "known@x.fr", "calm@x.fr", "edited@x.fr"].map(subscribe);
  expect(await standings(...changes)).toEqual(["moved", "moved", "outside", "outside"]);
  // Who is new may be put on the list and leave it before anybody reads the account.
  expect(recorded.map(({ email }) => email)).toEqual(["new@x.fr", "known@x.fr", "edited@x.fr"]);
});

describe("for many members", () => {
  const emails = numbered(20);

  test("the list is read, and whoever it lacks is asked for, and remembered if they left", async () => {
    const { standings, contactCalls, recorded, people } = await lookAt(emails.map((email) => onDaily(email)));
    people.leave("reader3@x.fr", dailyList);
    const found = await standings(...emails.map(update));
    expect(found.map((standing, n) => (standing === "member" ? "" : `${n}: ${standing}`)).join("")).toBe(
      "3: outside",
    );
    expect(contactCalls()).toEqual(["updated_after", "optout_after", "lists", "email"]);
    expect(recorded).toMatchObject([{ email: "reader3@x.fr", lists: [] }]);
  });

  test("whoever came and opted out is not to be mailed, and stays so when the next many are looked at", async () => {
    const { standings, people, world } = await lookAt(emails.map((email) => onDaily(email)));
    people.add({ email: "new@x.fr" });
    people.optOut("new@x.fr");
    world.clock.time += 300_000;
    await standings(...emails.slice(0, 5).map(update));
    world.clock.time += 600_000;
    const later = ["a@x.fr", "b@x.fr", "c@x.fr", "new@x.fr"].map(subscribe);
    expect(await standings(...later)).toEqual(["unknown", "unknown", "unknown", "unfit"]);
  });

  describe("who is known and not on the list", () => {
    const away = numbered(60).map((email) => email.replace("reader", "away"));
    const contacts = [...emails.map((email) => onDaily(email)), ...away.map((email) => ({ email }))];

    test("is found in the whole account", async () => {
      const { standings, contactCalls, people } = await lookAt(contacts, 20);
      people.join("away7@x.fr", dailyList);
      people.delete("away8@x.fr");
      const found = await standings(...away.map(resubscribe));
      expect(found.filter((standing) => standing === "outside")).toHaveLength(58);
      expect(found.slice(7, 9)).toEqual(["member", "unfit"]);
      expect(contactCalls()).toEqual(["updated_after", "optout_after", ""]);
    });

    test("or asked for, if they are few for the account's size", async () => {
      const { standings, contactCalls, people } = await lookAt(contacts, 20, { size: 1_000 });
      people.delete("away0@x.fr");
      people.permit("away1@x.fr", "temp_hold");
      const changes = [...emails.map(update), resubscribe("away0@x.fr"), subscribe("away1@x.fr")];
      expect((await standings(...changes)).slice(20)).toEqual(["unfit", "unfit"]);
      expect(contactCalls()).toEqual(["updated_after", "optout_after", "lists", "email", "email"]);
    });
  });
});

test("those who look at the same time share one look", async () => {
  const emails = numbered(40);
  const { look, contactCalls } = await lookAt(emails.map((email) => onDaily(email)));
  const parts = [0, 1, 2, 3].map((n) => emails.slice(10 * n, 10 * n + 10).map(update));
  const looks = await Promise.all(parts.map((part) => look.at(part, signal)));
  expect(looks.map(({ standingOf }, n) => standingOf(parts[n]![0]!))).toEqual(Array(4).fill("member"));
  expect(contactCalls()).toEqual(["updated_after", "optout_after", "lists"]);
});

test("of a deleted contact and a living one with the same address, the living one counts", async () => {
  const { standings } = await lookAt([
    { email: "twice@x.fr", deleted_at: new Date(start - dayMs).toISOString() },
    onDaily("twice@x.fr"),
    { email: "gone@x.fr", deleted_at: new Date(start - dayMs).toISOString() },
  ]);
  expect(await standings(update("twice@x.fr"), subscribe("gone@x.fr"))).toEqual(["member", "unfit"]);
});

test("a look that fails is not remembered, and one that is stopped ends with the signal's reason", async () => {
  const { look, world } = await lookAt([onDaily("on@x.fr")]);
  world.sandbox.faults.push({ match: { path: /contacts$/ }, fault: { kind: "status", status: 403 } });
  await expect(look.at([update("on@x.fr")], signal)).rejects.toThrow(/403/);
  world.sandbox.faults.length = 0;
  const looked = await look.at([update("on@x.fr")], signal);
  expect(looked.standingOf(update("on@x.fr"))).toBe("member");
  const reason = new Error("the time is over");
  await expect(look.at([update("on@x.fr")], AbortSignal.abort(reason))).rejects.toBe(reason);
});
