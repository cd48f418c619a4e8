import { describe, expect, test } from "vitest";
import { connect, dailyList, onDaily, otherList } from "./connect.ts";

const ada = { address: "ada@example.fr" };

describe("a contact is added by a call", () => {
  test.each([
    ["Account", "implicit"],
    ["Contact", "explicit"],
  ])(
    "of the %s with %s permission, and one of its times is written in another way",
    async (create_source, permission) => {
      const { send, sandbox } = await connect();
      const body = { email_address: ada, create_source, first_name: "Ada", list_memberships: [dailyList] };
      const answer = await send("POST", "/contacts", body);
      const contact = await answer.json();
      expect(answer.status).toBe(201);
      expect(contact).toMatchObject({
        email_address: {
          permission_to_send: permission,
          opt_in_source: create_source,
          opt_in_date: "2026-03-01T12:00:00+00:00",
          created_at: "2026-03-01T12:00:00Z",
        },
        list_memberships: [dailyList],
      });
      expect(contact).not.toHaveProperty("custom_fields");
      expect(sandbox.membersOf(dailyList)).toEqual(["ada@example.fr"]);
    },
  );

  test("unless somebody has its address, deleted or not: the error names the holder's id", async () => {
    const { write, send, sandbox } = await connect({ contacts: [onDaily("Ada@example.fr")] });
    for (const act of [() => undefined, () => sandbox.people.delete("ada@example.fr")]) {
      act();
      const answer = await send("POST", "/contacts", { email_address: ada, create_source: "Account" });
      expect([answer.status, await answer.json()]).toEqual([
        409,
        [
          {
            error_key: "contacts.api.conflict",
            error_message: expect.stringContaining(sandbox.contact("ada@example.fr")!.contact_id),
          },
        ],
      ]);
    }
    expect(await write("POST", "/contacts", { email_address: ada })).toMatchObject([
      { error_message: "create_source is missing" },
    ]);
    expect((await send("POST", "/contacts", { create_source: "Account" })).status).toBe(400);
  });
});

describe("a contact is replaced by a call", () => {
  const open = async (seed: Parameters<typeof onDaily>[1] = {}) => {
    const connection = await connect({
      contacts: [
        onDaily("ada@example.fr", {
          first_name: "Ada",
          last_name: "Byron",
          custom_fields: { guid: "1" },
          ...seed,
        }),
      ],
    });
    connection.clock.pass(60);
    const { contact_id } = connection.sandbox.contact("ada@example.fr")!;
    const put = (body: object) =>
      connection.send("PUT", `/contacts/${contact_id}`, {
        update_source: "Account",
        email_address: ada,
        ...body,
      });
    return { ...connection, put, held: () => connection.sandbox.contact("ada@example.fr") };
  };

  test("a scalar that is not sent loses its value; lists of things stay unless they are sent", async () => {
    const { put, held } = await open();
    const shown = await (await put({ last_name: "Lovelace", list_memberships: [otherList] })).json();
    expect(shown).toMatchObject({ last_name: "Lovelace", list_memberships: [otherList] });
    expect(shown).not.toHaveProperty("custom_fields");
    expect(held()).not.toHaveProperty("first_name");
    expect(held()).toMatchObject({
      custom_fields: { guid: "1" },
      updated_at: "2026-03-01T12:01:00Z",
      email_updated_at: "2026-03-01T12:00:00Z",
    });
  });

  test("codes of states and countries are written out", async () => {
    const { put, held } = await open();
    await put({ street_addresses: [{ kind: "home", state: "CA", country: "US" }] });
    expect(held()).toMatchObject({ street_addresses: [{ state: "California", country: "United States" }] });
  });

  test("an opt-out is recorded with its source, and lifted by the contact alone if it is the contact's", async () => {
    const { put, held } = await open();
    const opted = { ...ada, permission_to_send: "unsubscribed", opt_out_reason: "Too many" };
    await put({ update_source: "Contact", email_address: opted });
    expect(held()).toMatchObject({ opt_out_source: "Contact", opt_out_reason: "Too many" });
    const lift = { email_address: { ...ada, permission_to_send: "implicit" } };
    expect((await put(lift)).status).toBe(400);
    expect((await put({ ...lift, update_source: "Contact" })).status).toBe(200);
    expect(held()).not.toHaveProperty("opt_out_date");
  });

  test("an explicit permission is not made an implicit one", async () => {
    const { put } = await open({ permission_to_send: "explicit" });
    expect((await put({ email_address: { ...ada, permission_to_send: "implicit" } })).status).toBe(400);
  });

  test("a deleted contact is revived, by the account alone", async () => {
    const { put, held, sandbox } = await open();
    sandbox.people.delete("ada@example.fr");
    expect((await put({ update_source: "Contact" })).status).toBe(400);
    expect((await put({})).status).toBe(200);
    expect(held()).not.toHaveProperty("deleted_at");
    expect(held()).toMatchObject({ list_memberships: [] });
  });

  test("not without update_source and an address, nor with an address that another one has", async () => {
    const { put, sandbox, write } = await open();
    sandbox.people.add({ email: "b@example.fr" });
    expect((await put({ update_source: undefined })).status).toBe(400);
    expect((await put({ email_address: undefined })).status).toBe(400);
    expect((await put({ email_address: { address: "B@example.fr" } })).status).toBe(409);
    expect((await put({ email_address: { address: "new@example.fr" } })).status).toBe(200);
    expect(sandbox.contact("ada@example.fr")).toBeUndefined();
    expect(sandbox.contact("new@example.fr")).toBeDefined();
    expect(await write("PUT", "/contacts/nobody", { update_source: "Account" })).toMatchObject([{}]);
  });
});

test("a contact is deleted once; it is still there, on no list", async () => {
  const { send, sandbox } = await connect({ contacts: [onDaily("ada@example.fr")] });
  const path = `/contacts/${sandbox.contact("ada@example.fr")!.contact_id}`;
  const answer = await send("DELETE", path);
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
  expect((await send("DELETE", path)).status).toBe(404);
  expect(sandbox.contact("ada@example.fr")).toMatchObject({
    list_memberships: [],
    permission_to_send: "implicit",
  });
});

test("a form signs up whoever it is: known, opted out, or deleted", async () => {
  const { send, sandbox } = await connect({ contacts: [onDaily("ada@example.fr")] });
  sandbox.people.optOut("ada@example.fr");
  sandbox.people.delete("ada@example.fr");
  const signUp = (email_address: string) =>
    send("POST", "/contacts/sign_up_form", { email_address, list_memberships: [dailyList] });
  const updated = await signUp("ada@example.fr");
  expect([updated.status, await updated.json()]).toMatchObject([200, { action: "updated" }]);
  const created = await signUp("new@example.fr");
  expect([created.status, await created.json()]).toMatchObject([201, { action: "created" }]);
  expect(sandbox.membersOf(dailyList)).toEqual(["ada@example.fr", "new@example.fr"]);
  expect(sandbox.contact("ada@example.fr")).toMatchObject({
    permission_to_send: "explicit",
    opt_in_source: "Contact",
  });
});

describe("a contact who opted out is asked again", () => {
  const open = async (options = {}) => {
    const connection = await connect({ contacts: [onDaily("ada@example.fr")], ...options });
    connection.sandbox.people.optOut("ada@example.fr");
    const { contact_id } = connection.sandbox.contact("ada@example.fr")!;
    const path = `/contacts/resubscribe/${contact_id}`;
    return { ...connection, contact_id, ask: () => connection.send("PUT", path, { list_ids: [otherList] }) };
  };

  test("by one mail, and only an answer to it changes anything", async () => {
    const { ask, sandbox, contact_id } = await open();
    expect((await ask()).status).toBe(200);
    expect(sandbox.askedAgain()).toEqual([contact_id]);
    expect(sandbox.contact("ada@example.fr")).toMatchObject({ permission_to_send: "unsubscribed" });
    sandbox.people.confirm("ada@example.fr");
    expect(sandbox.contact("ada@example.fr")).toMatchObject({
      permission_to_send: "explicit",
      list_memberships: [dailyList, otherList],
    });
    expect(() => sandbox.people.confirm("ada@example.fr")).toThrow("No confirmation mail");
  });

  test("once: a second time is an error, or does nothing in that dialect", async () => {
    const { ask } = await open();
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 409]);
    const other = await open({ refusesSecondConfirmation: false });
    expect([(await other.ask()).status, (await other.ask()).status]).toEqual([200, 200]);
  });

  test("and nobody else is", async () => {
    const { send, sandbox } = await connect({ contacts: [onDaily("ada@example.fr")] });
    const { contact_id } = sandbox.contact("ada@example.fr")!;
    const path = `/contacts/resubscribe/${contact_id}`;
    expect((await send("PUT", path, { list_ids: [dailyList] })).status).toBe(400);
    expect((await send("PUT", path, {})).status).toBe(400);
    expect((await send("PUT", "/contacts/resubscribe/nobody", { list_ids: [dailyList] })).status).toBe(404);
  });
});

test("an opt-out may take a contact off its lists, in that dialect", async () => {
  const contacts = [onDaily("ada@example.fr")];
  for (const [optOutKeepsLists, list_memberships] of [
    [true, [dailyList]],
    [false, []],
  ] as const) {
    const { sandbox } = await connect({ contacts, optOutKeepsLists });
    sandbox.people.optOut("ada@example.fr");
    expect(sandbox.contact("ada@example.fr")).toMatchObject({ list_memberships });
  }
});

test("a body that is not declared to be JSON is refused", async () => {
  const { send } = await connect();
  const headers = { "content-type": "text/plain" };
  expect((await send("POST", "/contact_lists", { name: "Monthly" }, headers)).status).toBe(415);
});

test("a resource or a method that does not exist is answered with a list of one error", async () => {
  const { send } = await connect();
  const answer = await send("GET", "/contact_list");
  expect([answer.status, await answer.json()]).toMatchObject([404, [{ error_key: expect.any(String) }]]);
  expect((await send("DELETE", "/contacts")).status).toBe(405);
  expect((await send("GET", "/contacts?segment_id=1")).status).toBe(501);
});
