import { describe, expect, test } from "vitest";
import { connect, dailyList, onDaily, otherList, readPages } from "./connect.ts";

const all = "/contacts?status=all";
const addresses = async (connection: Awaited<ReturnType<typeof connect>>, path: string) =>
  (await readPages(connection, path)).flat().toSorted();

describe("a contact is shown", () => {
  test("with what it has, and with what is asked to be included", async () => {
    const { read } = await connect({
      customFields: [{ label: "member no" }],
      contacts: [
        onDaily("a@example.fr", {
          first_name: "Ada",
          created_at: "2026-01-01T10:00:00+02:00",
          custom_fields: { member_no: "17" },
        }),
      ],
    });
    const plain = {
      contact_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email_address: {
        address: "a@example.fr",
        permission_to_send: "implicit",
        created_at: "2026-01-01T08:00:00Z",
        updated_at: "2026-01-01T08:00:00Z",
        opt_in_source: "Account",
        opt_in_date: "2026-01-01T08:00:00Z",
        confirm_status: "off",
      },
      first_name: "Ada",
      create_source: "Account",
      created_at: "2026-01-01T08:00:00Z",
      updated_at: "2026-01-01T08:00:00Z",
    };
    expect(await read("/contacts")).toEqual({ contacts: [plain] });
    const { custom_fields } = await read("/contact_custom_fields");
    const included = await read(
      "/contacts?include=custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes",
    );
    expect(included.contacts).toEqual([
      {
        ...plain,
        custom_fields: [{ custom_field_id: custom_fields[0]?.custom_field_id, value: "17" }],
        list_memberships: [dailyList],
        phone_numbers: [],
        street_addresses: [],
        taggings: [],
        notes: [],
      },
    ]);
    expect(await read(`/contacts/${included.contacts[0]?.contact_id}`)).toEqual(plain);
  });

  test("without an address if it has only a telephone", async () => {
    const { read } = await connect({ contacts: [{ sms_address: "+12125550100" }] });
    const { contacts } = await read("/contacts");
    expect(contacts[0]).not.toHaveProperty("email_address");
    expect(contacts[0]?.sms_channel).toMatchObject({ sms_address: "+12125550100" });
  });

  test("with source, time and reason of its opt-out, and with the day of its deletion", async () => {
    const { read, sandbox } = await connect({ contacts: [onDaily("a@example.fr"), onDaily("b@example.fr")] });
    sandbox.people.optOut("a@example.fr", { by: "Contact", reason: "Too many mails" });
    sandbox.people.delete("b@example.fr");
    const { contacts } = await read(all);
    expect(contacts[1]?.email_address).toMatchObject({
      permission_to_send: "unsubscribed",
      opt_out_source: "Contact",
      opt_out_date: "2026-03-01T12:00:00Z",
      opt_out_reason: "Too many mails",
    });
    expect(contacts[0]).toMatchObject({ deleted_at: "2026-03-01" });
  });

  test.each([
    ["with milliseconds", "2026-03-01T12:00:00.000Z"],
    ["with an offset", "2026-03-01T07:00:00-05:00"],
  ] as const)("with times %s, in that dialect", async (times, written) => {
    const { read, sandbox } = await connect({
      times,
      deletedAt: "time",
      contacts: [onDaily("a@example.fr")],
    });
    sandbox.people.delete("a@example.fr");
    const { contacts } = await read(all);
    expect(contacts[0]?.deleted_at).toBe(written);
    expect(Date.parse(contacts[0]?.email_address.created_at ?? "")).toBe(Date.parse(written));
  });

  test("though it is deleted, and an id that nobody has is answered with a list of one error", async () => {
    const { read, send, sandbox } = await connect({ contacts: [onDaily("a@example.fr")] });
    sandbox.people.delete("a@example.fr");
    const { contact_id } = sandbox.contact("a@example.fr")!;
    expect(await read(`/contacts/${contact_id}`)).toMatchObject({ deleted_at: "2026-03-01" });
    const answer = await send("GET", "/contacts/nobody");
    expect([answer.status, await answer.json()]).toEqual([
      404,
      [{ error_key: "contacts.api.not_found", error_message: "contact_id is in an invalid format." }],
    ]);
  });
});

describe("contacts are filtered", () => {
  const people = [
    onDaily("explicit@example.fr", { permission_to_send: "explicit" }),
    { email: "implicit@example.fr", list_memberships: [otherList] },
    { email: "not-set@example.fr", permission_to_send: "not_set" as const },
    { email: "pending@example.fr", permission_to_send: "pending_confirmation" as const },
    { email: "hold@example.fr", permission_to_send: "temp_hold" as const },
    { email: "out@example.fr", permission_to_send: "unsubscribed" as const },
    { email: "deleted@example.fr", deleted_at: "2026-02-01T00:00:00Z" },
  ];

  test.each([
    ["active", ["explicit@example.fr", "implicit@example.fr"]],
    ["deleted", ["deleted@example.fr"]],
    ["not_set", ["not-set@example.fr"]],
    ["pending_confirmation", ["pending@example.fr"]],
    ["temp_hold", ["hold@example.fr"]],
    ["unsubscribed", ["out@example.fr"]],
    ["unsubscribed,temp_hold", ["hold@example.fr", "out@example.fr"]],
    ["all", people.map(({ email }) => email!).toSorted()],
  ])("by the status %s", async (status, expected) => {
    const connection = await connect({ contacts: people });
    expect(await addresses(connection, `/contacts?status=${status}`)).toEqual(expected);
  });

  test("without a status: all but the deleted ones, or only the active ones in that dialect", async () => {
    expect(await addresses(await connect({ contacts: people }), "/contacts")).toHaveLength(6);
    const other = await connect({ contacts: people, defaultStatuses: "active" });
    expect(await addresses(other, "/contacts")).toHaveLength(2);
  });

  test("by an address in any case, and by lists: a member of any of them is meant", async () => {
    const connection = await connect({ contacts: people });
    expect(await addresses(connection, "/contacts?email=HOLD@example.fr")).toEqual(["hold@example.fr"]);
    expect(await addresses(connection, `/contacts?lists=${dailyList}`)).toEqual(["explicit@example.fr"]);
    expect(await addresses(connection, `/contacts?lists=${dailyList},${otherList}`)).toHaveLength(2);
    expect(await addresses(connection, `/contacts?status=unsubscribed&lists=${dailyList}`)).toEqual([]);
  });

  test.each([
    "status=gone",
    "limit=0",
    "limit=501",
    "limit=many",
    "updated_after=yesterday",
    "include=everything",
    `lists=${Array(26).fill(dailyList)}`,
  ])("and %s is answered with 400 and the parameter's name", async (query) => {
    const { send } = await connect();
    const answer = await send("GET", `/contacts?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual([
      {
        error_key: "contacts.api.validation.error",
        error_message: expect.stringContaining(query.slice(0, query.indexOf("="))),
      },
    ]);
  });

  test("and an unknown parameter is ignored, or refused in that dialect", async () => {
    expect((await (await connect()).send("GET", "/contacts?changed_after=x")).status).toBe(200);
    const strict = await connect({ unknownParameters: "refused" });
    expect((await strict.send("GET", "/contacts?changed_after=x")).status).toBe(400);
    expect((await strict.send("GET", "/contacts?status=all&limit=500")).status).toBe(200);
  });

  test("and counted if that is asked for, on the first page alone", async () => {
    const { read } = await connect({ contacts: people });
    const first = await read("/contacts?limit=4&include_count=true");
    expect(first).toMatchObject({ contacts_count: 6, contacts: { length: 4 } });
    expect(await read(first._links.next.href.slice(3))).not.toHaveProperty("contacts_count");
    expect(await read("/contacts/counts")).toEqual({
      total: 6,
      explicit: 1,
      implicit: 1,
      pending: 1,
      unsubscribed: 1,
    });
  });
});

describe("two clocks:", () => {
  const later = "2026-03-01T12:01:00Z";
  const contacts = ["a", "b", "c"].map((name) => onDaily(`${name}@example.fr`));

  const changedAt = async (options: Parameters<typeof connect>[0] = {}) => {
    const connection = await connect({ contacts, ...options });
    connection.clock.pass(60);
    return connection;
  };

  test("a change of a field moves the contact's, an opt-out the address's", async () => {
    const connection = await changedAt();
    connection.sandbox.people.edit("a@example.fr", { first_name: "Ada" });
    connection.sandbox.people.optOut("b@example.fr");
    expect(connection.sandbox.contact("a@example.fr")).toMatchObject({
      updated_at: later,
      email_updated_at: "2026-03-01T12:00:00Z",
    });
    expect(connection.sandbox.contact("b@example.fr")).toMatchObject({
      updated_at: "2026-03-01T12:00:00Z",
      email_updated_at: later,
    });
    const window = "after=2026-03-01T12:00:00Z";
    expect(await addresses(connection, `${all}&updated_${window}`)).toEqual(["a@example.fr"]);
    expect(await addresses(connection, `${all}&optout_${window}`)).toEqual(["b@example.fr"]);
    expect(await addresses(connection, `${all}&optout_before=2026-03-01T12:00:00Z`)).toEqual([]);
  });

  test("nothing moves either if a contact leaves a list or is deleted, unless the dialect says so", async () => {
    for (const [updatedAtMovesWith, expected] of [
      [[], []],
      [["membership"], ["a@example.fr"]],
      [["deletion"], ["b@example.fr"]],
      [["optOut"], ["c@example.fr"]],
    ] as const) {
      const connection = await changedAt({ updatedAtMovesWith });
      connection.sandbox.people.leave("a@example.fr", dailyList);
      connection.sandbox.people.delete("b@example.fr");
      connection.sandbox.people.optOut("c@example.fr");
      expect(await addresses(connection, `${all}&updated_after=2026-03-01T12:00:00Z`)).toEqual(expected);
    }
  });

  test("the window of opt-outs may need status=unsubscribed, or not work at all", async () => {
    for (const [optOutWindow, withAll, withStatus] of [
      ["with any status", 1, 1],
      ["with status=unsubscribed", 0, 1],
      ["never", 3, 1],
    ] as const) {
      const connection = await changedAt({ optOutWindow });
      connection.sandbox.people.optOut("c@example.fr");
      const window = "optout_after=2026-03-01T12:00:00Z";
      expect(await addresses(connection, `${all}&${window}`)).toHaveLength(withAll);
      expect(await addresses(connection, `/contacts?status=unsubscribed&${window}`)).toHaveLength(withStatus);
    }
  });

  test("a window does not have its bounds, or has them in that dialect", async () => {
    for (const [bounds, expected] of [
      ["exclusive", 0],
      ["inclusive", 1],
    ] as const) {
      const connection = await changedAt({ bounds });
      connection.sandbox.people.edit("a@example.fr", { first_name: "Ada" });
      const before = await addresses(connection, `${all}&created_before=2026-03-01T12:00:00Z`);
      const after = await addresses(connection, `${all}&updated_after=${later}`);
      expect([before.length, after.length]).toEqual([3 * expected, expected]);
    }
  });

  test("a bound with an offset, or a day alone, is an instant like any other", async () => {
    const connection = await changedAt();
    connection.sandbox.people.edit("a@example.fr", { first_name: "Ada" });
    expect(await addresses(connection, `${all}&updated_after=2026-03-01T14:00:30%2B02:00`)).toHaveLength(1);
    expect(await addresses(connection, `${all}&updated_after=2026-03-01T14:01:30%2B02:00`)).toHaveLength(0);
    expect(await addresses(connection, `${all}&updated_after=2026-03-01`)).toHaveLength(3);
    expect(await addresses(connection, `${all}&updated_after=2026-03-02`)).toHaveLength(0);
  });

  test("the index may lag behind: collections show a change later than single contacts do", async () => {
    const connection = await connect({ contacts: [onDaily("a@example.fr")], indexLagMs: 30_000 });
    const { sandbox, clock, read } = connection;
    clock.pass(60);
    sandbox.people.edit("a@example.fr", { first_name: "Ada" });
    sandbox.people.add(onDaily("new@example.fr"));
    const { contact_id } = sandbox.contact("a@example.fr")!;
    expect(await read(`/contacts/${contact_id}`)).toHaveProperty("first_name");
    expect((await read(all)).contacts).toEqual([expect.not.objectContaining({ first_name: "Ada" })]);
    clock.pass(29);
    sandbox.people.edit("a@example.fr", { first_name: "Zoé" });
    clock.pass(1);
    expect((await read(all)).contacts).toMatchObject([{}, { first_name: "Ada" }]);
    clock.pass(29);
    expect((await read(all)).contacts).toMatchObject([{}, { first_name: "Zoé" }]);
  });
});

test("an address may be that of a deleted contact and of one alive", async () => {
  const connection = await connect({
    contacts: [onDaily("a@example.fr", { deleted_at: "2026-02-01T00:00:00Z" }), onDaily("A@example.fr")],
  });
  expect(await addresses(connection, `${all}&email=a@example.fr`)).toEqual(["A@example.fr", "a@example.fr"]);
  expect(connection.sandbox.contact("a@example.fr")).toMatchObject({ email: "A@example.fr" });
});
