import { describe, expect, test } from "vitest";
import {
  syntheticAddress,
  syntheticContact,
  syntheticNumber,
  syntheticSourceRow,
} from "../../../infra/sandbox/constant-contact/synthetic-contact.ts";
import { connect, dailyList } from "./connect.ts";

describe("a synthetic contact", () => {
  test("is found by its address in any case, which is unique", async () => {
    for (const n of [0, 7, 96, 97, 999_999]) expect(syntheticNumber(syntheticAddress(n))).toBe(n);
    expect(syntheticNumber("reader.7@example8.fr")).toBeUndefined();
    const { sandbox } = await connect({ synthetic: 100 });
    expect(sandbox.contact("READER.42@example42.fr")).toEqual(syntheticContact(42, dailyList));
    expect(sandbox.contact(syntheticAddress(100))).toBeUndefined();
  });

  test("is in the publisher's database with the same values", () => {
    const { email, guid, data_first_name } = syntheticSourceRow(123);
    expect(syntheticContact(123, dailyList)).toMatchObject({
      email,
      first_name: data_first_name,
      custom_fields: { guid },
    });
  });

  test("is subscribed in nine of ten cases; the others left, opted out, are on hold or deleted", async () => {
    const { read } = await connect({ synthetic: 600 });
    const count = async (query: string) =>
      (await read(`/contacts?include_count=true&limit=1&${query}`)).contacts_count;
    expect(await count("status=all")).toBe(600);
    expect(await count(`status=active&lists=${dailyList}`)).toBe(540);
    expect(await count("status=active")).toBe(560);
    expect(await count("status=unsubscribed")).toBe(20);
    expect(await count("status=temp_hold")).toBe(10);
    expect(await count("status=deleted")).toBe(10);
  });

  test("is changed like any other: by people, by imports, and in its address", async () => {
    const { sandbox, importRows, read, write } = await connect({ synthetic: 20 });
    sandbox.people.leave(syntheticAddress(3), dailyList);
    await importRows([{ email: syntheticAddress(4), first_name: "Ada" }, { email: "new@example.fr" }]);
    const { contact_id } = sandbox.contact(syntheticAddress(5))!;
    const email_address = { address: "other@example.fr" };
    await write("PUT", `/contacts/${contact_id}`, { update_source: "Account", email_address });
    expect(sandbox.contact("other@example.fr")).toMatchObject({ contact_id });
    expect(sandbox.contact(syntheticAddress(5))).toBeUndefined();
    expect(sandbox.membersOf(dailyList)).not.toContain(syntheticAddress(3));
    const { contacts } = await read("/contacts?status=all&limit=500&updated_after=2026-01-01");
    expect(contacts.map(({ email_address }) => email_address.address)).toEqual([
      "new@example.fr",
      "other@example.fr",
      syntheticAddress(4),
    ]);
  });
});

test("a large account is searched once for all pages", async () => {
  const { read } = await connect({ synthetic: 50_000 });
  let next = "/contacts?status=all&limit=500&include=list_memberships";
  for (let page = 0; page < 20; page++) {
    const { contacts, _links } = await read(next);
    expect(contacts).toHaveLength(500);
    next = _links.next.href.slice(3);
  }
});
