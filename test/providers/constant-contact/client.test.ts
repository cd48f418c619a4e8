import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../functions/domain/errors.ts";
import { ProviderContractError, ProviderRefusalError } from "../../../functions/domain/provider-errors.ts";
import type { Contact } from "../../../functions/providers/constant-contact/contact.ts";
import { dailyList } from "../../../infra/sandbox/constant-contact/sandbox-options.ts";
import { all, failureOf, onDaily, openWorld, signal, start, type World } from "./connect.ts";

const read = async (world: World, query = {}): Promise<Contact[]> =>
  (await all(world.client().contacts(query, signal))).flatMap(({ contacts }) => contacts);
const emails = async (world: World, query = {}) =>
  (await read(world, query)).map(({ email }) => email).sort();
const time = "2026-02-01T08:00:00Z";
const at = Date.parse(time);

describe("contacts", () => {
  test("come page by page, as many as there are, whatever the last page looks like", async () => {
    for (const lastPage of ["no links", "empty links"] as const) {
      const world = await openWorld({ synthetic: 1_001, lastPage });
      const pages = await all(world.client().contacts({ isCounted: true }, signal));
      expect(pages.map(({ contacts }) => contacts.length)).toEqual([500, 500, 1]);
      expect(pages.map(({ count }) => count)).toEqual([1_001, undefined, undefined]);
      expect(new Set(pages.flatMap(({ contacts }) => contacts.map(({ id }) => id))).size).toBe(1_001);
      expect(world.calls.filter((call) => call === "GET /contacts")).toHaveLength(3);
    }
  });

  test.each(["in UTC", "with milliseconds", "with an offset"] as const)(
    "have their fields by the names of columns, and their times as instants, written %s",
    async (times) => {
      const fields = {
        first_name: "Ada",
        job_title: "Editor",
        custom_fields: { guid: "g-1", member_no: "7" },
      };
      const seed = onDaily("ada@example.fr", {
        contact_id: "0c0c0c0c-0000-4000-8000-000000000001",
        permission_to_send: "unsubscribed",
        opt_out_source: "Contact",
        opt_out_date: "2026-02-02T08:00:00Z",
        opt_in_date: time,
        created_at: time,
        updated_at: "2026-02-03T08:00:00Z",
        ...fields,
      });
      const customFields = [{ label: "guid" }, { label: "member no" }];
      const world = await openWorld({ times, customFields, contacts: [seed] });
      expect(await read(world)).toEqual([
        {
          id: "0c0c0c0c-0000-4000-8000-000000000001",
          email: "ada@example.fr",
          permission: "unsubscribed",
          optOutSource: "Contact",
          optedOutAt: Date.parse("2026-02-02T08:00:00Z"),
          optedInAt: at,
          createdAt: at,
          updatedAt: Date.parse("2026-02-03T08:00:00Z"),
          deletedAt: undefined,
          lists: [dailyList],
          fields: { data_first_name: "Ada", data_job_title: "Editor", guid: "g-1", data_member_no: "7" },
        },
      ]);
    },
  );

  test("include deleted ones, whether that is said by a date or a time, and those with a telephone only", async () => {
    for (const deletedAt of ["date", "time"] as const) {
      const world = await openWorld({
        deletedAt,
        contacts: [onDaily("ada@example.fr"), { sms_address: "123" }],
      });
      world.sandbox.people.delete("ada@example.fr");
      const contacts = await read(world);
      const deleted = contacts.find(({ email }) => email === "ada@example.fr");
      expect(deleted).toMatchObject({ lists: [] });
      expect(new Date(deleted?.deletedAt ?? 0).toISOString()).toContain("2026-03-01");
      expect(contacts.filter(({ email }) => email === undefined)).toMatchObject([{ permission: "unknown" }]);
    }
  });

  test("are found by each condition, and by several together", async () => {
    const world = await openWorld({
      contacts: [
        onDaily("old@example.fr", { created_at: time, updated_at: time }),
        onDaily("left@example.fr", { created_at: time, updated_at: time }),
        { email: "new@example.fr", created_at: time, updated_at: new Date(start).toISOString() },
      ],
    });
    world.clock.time += 5_000;
    world.sandbox.people.optOut("left@example.fr");
    expect(await emails(world, { updatedAfter: start - 1_000 })).toEqual(["new@example.fr"]);
    expect(await emails(world, { optedOutAfter: start - 1_000 })).toEqual(["left@example.fr"]);
    expect(await emails(world, { status: "unsubscribed" })).toEqual(["left@example.fr"]);
    expect(await emails(world, { email: "old@example.fr" })).toEqual(["old@example.fr"]);
    expect(await emails(world, { lists: [dailyList], status: "active" })).toEqual(["old@example.fr"]);
  });

  test.each(["with any status", "with status=unsubscribed", "never"] as const)(
    "are found by an opt-out, and no others, if the window of opt-outs works %s",
    async (optOutWindow) => {
      const contacts = [onDaily("stays@example.fr"), onDaily("left@example.fr")];
      const world = await openWorld({ optOutWindow, contacts });
      world.sandbox.people.optOut("left@example.fr");
      expect(await emails(world, { optedOutAfter: start - 1_000 })).toEqual(["left@example.fr"]);
    },
  );

  test("come with the server's time", async () => {
    const world = await openWorld();
    const [page] = await all(world.client().contacts({}, signal));
    expect(page?.answeredAt).toBe(Math.floor(world.clock.now() / 1_000) * 1_000);
  });

  test.each([
    ["another host", "https://example.fr/v3/contacts?cursor=x", "elsewhere"],
    ["another collection", "/v3/contact_lists?cursor=x", "elsewhere"],
    ["no address at all", "http://", "elsewhere"],
  ])("are not read on where the next link leads to %s", async (_, href, problem) => {
    const world = await openWorld();
    const body = { contacts: [], _links: { next: { href } } };
    world.sandbox.faults.push({ match: { path: "contacts" }, fault: { kind: "status", status: 200, body } });
    const error = await failureOf(read(world));
    expect(error).toBeInstanceOf(ProviderContractError);
    expect(error.message).toBe(`GET /contacts: its link to the next page leads ${problem}`);
    expect(world.calls.filter((call) => call === "GET /contacts")).toHaveLength(1);
  });

  test("are not read on where the next link leads back to the same page", async () => {
    const world = await openWorld();
    const body = { contacts: [], _links: { next: { href: "/v3/contacts?cursor=x" } } };
    world.sandbox.faults.push({ match: { path: "contacts" }, fault: { kind: "status", status: 200, body } });
    expect((await failureOf(read(world))).message).toContain("leads back to the same page");
  });

  const answered = {
    contact_id: "c",
    created_at: time,
    updated_at: time,
    email_address: { address: "ada@example.fr", permission_to_send: "perhaps" },
    list_memberships: [dailyList],
    custom_fields: [{ custom_field_id: "unknown", value: "x" }, { custom_field_id: "none" }],
    anything: { else: true },
  };

  async function readAnswer(contact: object): Promise<Contact[]> {
    const world = await openWorld();
    const fault = { kind: "status", status: 200, body: { contacts: [contact] } } as const;
    world.sandbox.faults.push({ match: { path: "/contacts" }, fault });
    return read(world);
  }

  test("are read with what is not documented: other fields, other permissions, unknown custom fields", async () => {
    expect(await readAnswer(answered)).toMatchObject([
      { permission: "unknown", fields: {}, lists: [dailyList] },
    ]);
    expect(await readAnswer({ ...answered, email_address: null })).toMatchObject([{ permission: "unknown" }]);
    const deleted = { ...answered, deleted_at: time, list_memberships: null, custom_fields: null };
    expect(await readAnswer(deleted)).toMatchObject([{ lists: [], fields: {} }]);
  });

  test.each([
    ["lists: else everybody would seem to have left them", { list_memberships: undefined }],
    ["fields: else each would seem to be empty", { custom_fields: undefined }],
    ["last change", { updated_at: "soon" }],
    ["end, if it is deleted", { deleted_at: "lately" }],
  ])("are not read without their %s", async (_, change) => {
    expect(await failureOf(readAnswer({ ...answered, ...change }))).toBeInstanceOf(ProviderContractError);
  });
});

describe("a list", () => {
  test("tells how many are on it, whatever their permission", async () => {
    const world = await openWorld({ contacts: [onDaily("a@example.fr"), onDaily("b@example.fr")] });
    world.sandbox.people.optOut("b@example.fr");
    expect(await world.client().list(dailyList, signal)).toEqual({
      id: dailyList,
      members: 2,
      isDeleted: false,
    });
  });

  test("that the account does not have, or no longer has, is an error that names it", async () => {
    const world = await openWorld();
    const unknown = await failureOf(world.client().list("0c0c0c0c-0000-4000-8000-000000000009", signal));
    expect(unknown).toBeInstanceOf(ProviderRefusalError);
    expect(unknown.message).toContain("does the account have a list 0c0c0c0c-0000-4000-8000-000000000009?");
    const body = { list_id: dailyList, name: "Daily", deleted_at: time };
    world.sandbox.faults.push({ match: { path: "lists" }, fault: { kind: "status", status: 200, body } });
    expect(await failureOf(world.client().list(dailyList, signal))).toBeInstanceOf(ConfigurationError);
  });
});

describe("custom fields", () => {
  test("are read once, all of them", async () => {
    const customFields = Array.from({ length: 100 }, (_, number) => ({ label: `field ${number}` }));
    const world = await openWorld({ customFields });
    const client = world.client();
    const fields = await client.customFields(signal);
    await all(client.contacts({}, signal));
    expect([...fields.values()]).toHaveLength(100);
    expect(fields.values().next().value).toBe("field_0");
    expect(world.calls.filter((call) => call.includes("custom"))).toHaveLength(1);
  });

  test("without a name are nothing that a column could stand for", async () => {
    const world = await openWorld();
    const body = { custom_fields: [{ custom_field_id: "a" }, { custom_field_id: "b", name: "guid" }] };
    world.sandbox.faults.push({ match: { path: "custom" }, fault: { kind: "status", status: 200, body } });
    expect([...(await world.client().customFields(signal))]).toEqual([["b", "guid"]]);
  });

  test("that could not be read are asked for again", async () => {
    const world = await openWorld();
    const client = world.client();
    const fault = { kind: "status", status: 403 } as const;
    world.sandbox.faults.push({ match: { path: "custom" }, times: 1, fault });
    await failureOf(client.customFields(signal));
    expect([...(await client.customFields(signal)).values()]).toEqual(["guid"]);
  });
});

describe("activities", () => {
  test("import rows, of JSON and of a file, whose name they tell", async () => {
    const world = await openWorld();
    const client = world.client();
    const row = { email: "ada@example.fr", first_name: "Ada", "cf:guid": "g-1" };
    const json = await client.importJson(async () => [row], [dailyList], signal);
    const csv = "email,first_name\r\nzoé@example.fr,Zoé\r\nbad,Bad\r\n";
    const file = await client.importCsv(async () => new File([csv], "run-1.csv"), [dailyList], signal);
    expect(world.sandbox.membersOf(dailyList)).toEqual(["ada@example.fr", "zoé@example.fr"]);
    expect(world.sandbox.contact("zoé@example.fr")).toMatchObject({ first_name: "Zoé" });
    expect(json).toMatchObject({ state: "initialized", createdAt: expect.any(Number) });
    const ended = await client.activity(file.id, signal);
    expect(ended).toMatchObject({ state: "completed", fileName: "run-1.csv", counts: { correctable: 1 } });
    expect(ended?.errors).toHaveLength(1);
    expect((await client.activities(10, signal)).map(({ id }) => id)).toEqual([file.id, json.id]);
  });

  test("take contacts off a list by their ids", async () => {
    const contacts = [onDaily("a@example.fr"), onDaily("b@example.fr")];
    const world = await openWorld({ contacts, activityErrors: "objects" });
    const client = world.client();
    const id = world.sandbox.contact("a@example.fr")!.contact_id;
    const { id: activity } = await client.removeMemberships([id], [dailyList], signal);
    expect(world.sandbox.membersOf(dailyList)).toEqual(["b@example.fr"]);
    expect(await client.activity(activity, signal)).toMatchObject({
      state: "completed",
      counts: { total: 1, completed: 1, people: undefined },
    });
  });

  test.each([404, 400, 410])(
    "that the provider has forgotten are undefined, as it may say by %i",
    async (status) => {
      const world = await openWorld();
      world.sandbox.faults.push({ match: { path: "activities/gone" }, fault: { kind: "status", status } });
      expect(await world.client().activity("gone", signal)).toBeUndefined();
    },
  );

  test("of other programs may be odd: the others are read", async () => {
    const world = await openWorld();
    const body = { activities: [{ activity_id: "x", state: "completed" }, { state: "completed" }, null] };
    world.sandbox.faults.push({
      match: { path: "activities" },
      fault: { kind: "status", status: 200, body },
    });
    expect((await world.client().activities(10, signal)).map(({ id }) => id)).toEqual(["x"]);
  });

  test.each([
    [{}, { state: "processing", errors: [], counts: {} }],
    [
      { state: "time_out", status: null },
      { state: "timed_out", counts: {} },
    ],
    [
      { state: "paused", status: { items_total_count: 0 } },
      { state: "processing", counts: { total: 0 } },
    ],
    [{ state: "failed", activity_errors: ["one", { message: "two" }, 3] }, { errors: ["one", "two", ""] }],
  ])("are read in every shape: %j", async (shape, expected) => {
    const world = await openWorld();
    const body = { activity_id: "x", ...shape };
    world.sandbox.faults.push({
      match: { path: "activities" },
      fault: { kind: "status", status: 200, body },
    });
    expect(await world.client().activity("x", signal)).toMatchObject({ id: "x", ...expected });
  });
});

test("a contact is asked again by one mail, and a second one is refused", async () => {
  const world = await openWorld({ contacts: [onDaily("ada@example.fr")] });
  world.sandbox.people.optOut("ada@example.fr");
  const { contact_id } = world.sandbox.contact("ada@example.fr")!;
  const client = world.client();
  await client.askAgain(contact_id, [dailyList], signal);
  expect(world.sandbox.askedAgain()).toEqual([contact_id]);
  expect(await failureOf(client.askAgain(contact_id, [dailyList], signal))).toBeInstanceOf(
    ProviderRefusalError,
  );
});
