import { describe, expect, test } from "vitest";
import { connect, dailyList, onDaily, otherList, shownIn } from "./connect.ts";

describe("lists", () => {
  const contacts = [
    onDaily("a@example.fr"),
    onDaily("b@example.fr", { permission_to_send: "unsubscribed" }),
    { email: "c@example.fr", list_memberships: [otherList] },
  ];

  test("are shown with their counts if those are asked for: of all members, or of the active ones", async () => {
    const { read } = await connect({ contacts });
    const daily = { list_id: dailyList, name: "Daily", favorite: false };
    expect(await read("/contact_lists")).toEqual({
      lists: [
        { ...daily, created_at: "2026-03-01T12:00:00Z", updated_at: "2026-03-01T12:00:00Z" },
        expect.objectContaining({ name: "Weekly" }),
      ],
    });
    const all = await read("/contact_lists?include_membership_count=all&include_count=true");
    expect(all).toMatchObject({ lists_count: 2, lists: [{ membership_count: 2 }, { membership_count: 1 }] });
    const active = await read(`/contact_lists/${dailyList}?include_membership_count=active`);
    expect(active).toMatchObject({ ...daily, membership_count: 1 });
  });

  test("are found by their whole name, and come in pages", async () => {
    const { read } = await connect();
    expect((await read("/contact_lists?name=Weekly")).lists).toMatchObject([{ list_id: otherList }]);
    const first = await read("/contact_lists?limit=1");
    expect(first.lists).toMatchObject([{ name: "Daily" }]);
    const second = await read(first._links.next.href.slice(3));
    expect(second).toEqual({ lists: [expect.objectContaining({ name: "Weekly" })] });
  });

  test("have no filter by change: updated_after is ignored", async () => {
    const { read } = await connect();
    expect((await read("/contact_lists?updated_after=2030-01-01T00:00:00Z")).lists).toHaveLength(2);
  });

  test("come 1,000 at a time at most, or 500 in that dialect", async () => {
    const { send } = await connect();
    expect((await send("GET", "/contact_lists?limit=1000")).status).toBe(200);
    expect((await send("GET", "/contact_lists?limit=1001")).status).toBe(400);
    const other = await connect({ maxListLimit: 500 });
    expect((await other.send("GET", "/contact_lists?limit=501")).status).toBe(400);
  });

  test("are answered with 404 if they do not exist, and with a list of one error if a parameter is wrong", async () => {
    const { send } = await connect();
    expect((await send("GET", "/contact_lists/33333333-0000-4000-8000-000000000003")).status).toBe(404);
    const answer = await send("GET", "/contact_lists?include_membership_count=some");
    expect(await answer.json()).toEqual([
      {
        error_key: "contacts.api.validation.error",
        error_message: "include_membership_count does not have a valid value",
      },
    ]);
  });

  test("are added and replaced, under names that nobody else has", async () => {
    const { send, write, clock } = await connect();
    const answer = await send("POST", "/contact_lists", { name: "Monthly", description: "Once a month" });
    const added = await shownIn(answer);
    expect([answer.status, added]).toMatchObject([201, { name: "Monthly", favorite: false }]);
    expect((await send("POST", "/contact_lists", { name: "Monthly" })).status).toBe(409);
    clock.pass(60);
    const path = `/contact_lists/${added.list_id}`;
    const same = await write("PUT", path, { name: "Monthly", description: "Once a month" });
    expect(same).toEqual(added);
    const replaced = await write("PUT", path, { name: "Quarterly" });
    expect(replaced).not.toHaveProperty("description");
    expect(replaced).toMatchObject({ name: "Quarterly", updated_at: "2026-03-01T12:01:00Z" });
  });

  test("are deleted by an activity whose link leads nowhere; their members stay contacts", async () => {
    const { send, read, sandbox } = await connect({ contacts });
    const answer = await send("DELETE", `/contact_lists/${dailyList}`);
    const { activity_id, state, _links } = await shownIn(answer);
    expect([answer.status, state]).toEqual([202, "initialized"]);
    expect(_links.self.href).toMatch(/^\/contacts-service\//);
    expect(await read(`/activities/${activity_id}`)).toMatchObject({ state: "completed" });
    expect((await read("/contact_lists")).lists).toHaveLength(1);
    expect((await read("/contact_lists?status=deleted")).lists).toMatchObject([{ list_id: dailyList }]);
    expect(sandbox.contact("a@example.fr")).toMatchObject({ list_memberships: [] });
    expect((await send("GET", `/contact_lists/${dailyList}`)).status).toBe(404);
  });
});

describe("custom fields", () => {
  test("have a name that is their label without blanks, by which imports know them", async () => {
    const { write, read, importRows, sandbox } = await connect({ customFields: [] });
    const field = await write("POST", "/contact_custom_fields", { label: "Member no", type: "string" });
    expect(field).toMatchObject({ label: "Member no", name: "Member_no", type: "string" });
    expect(await read("/contact_custom_fields?limit=100")).toEqual({ custom_fields: [field] });
    expect(await read(`/contact_custom_fields/${field.custom_field_id}`)).toEqual(field);
    await importRows([{ email: "a@example.fr", "cf:Member_no": "17" }]);
    expect(sandbox.contact("a@example.fr")).toMatchObject({ custom_fields: { Member_no: "17" } });
  });

  test("are no more than 100, with labels of their own, and shown 100 at a time at most", async () => {
    const customFields = Array.from({ length: 100 }, (_, n) => ({ label: `field ${n}` }));
    const { send, read } = await connect({ customFields });
    expect((await send("POST", "/contact_custom_fields", { label: "field 7" })).status).toBe(409);
    expect((await send("POST", "/contact_custom_fields", { label: "one more" })).status).toBe(400);
    expect((await send("GET", "/contact_custom_fields?limit=101")).status).toBe(400);
    const first = await read("/contact_custom_fields");
    const second = await read(first._links.next.href.slice(3));
    expect([first.custom_fields.length, second.custom_fields.length]).toEqual([50, 50]);
    expect((await send("GET", "/contact_custom_fields/nothing")).status).toBe(404);
  });
});
