import { describe, expect, test } from "vitest";
import { connect, onDaily, readPages } from "./connect.ts";

const contacts = ["a", "b", "c", "d", "e"].map((name, n) =>
  onDaily(`${name}@example.fr`, { created_at: `2026-01-0${n + 1}T00:00:00Z` }),
);
const path = "/contacts?status=all&limit=2";
const names = (pages: string[][]) =>
  pages.map((page) => page.map((address) => address[0]).join("")).join(" ");

describe("a cursor", () => {
  test("is in a link without a host, and carries the whole query", async () => {
    const { read } = await connect({ contacts });
    const { _links } = await read(`${path}&include=list_memberships`);
    const { pathname, searchParams } = new URL(_links.next.href, "https://api.cc.email");
    expect([_links.next.href.slice(0, 4), pathname]).toEqual(["/v3/", "/v3/contacts"]);
    expect([...searchParams.keys()]).toEqual(["cursor"]);
    const { contacts: next } = await read(_links.next.href.slice(3));
    expect(next).toMatchObject([{ list_memberships: [expect.any(String)] }, {}]);
  });

  test("stands alone, and is not made by clients", async () => {
    const { read, send } = await connect({ contacts });
    const { _links } = await read(path);
    expect((await send("GET", `${_links.next.href.slice(3)}&limit=2`)).status).toBe(400);
    expect((await send("GET", "/contacts?cursor=2")).status).toBe(400);
  });

  test("may expire", async () => {
    const { read, send, clock } = await connect({ contacts, cursorSeconds: 60 });
    const next = (await read(path))._links.next.href.slice(3);
    clock.pass(60);
    expect((await send("GET", next)).status).toBe(200);
    clock.pass(1);
    expect((await send("GET", next)).status).toBe(400);
  });

  test.each([
    ["no links", undefined],
    ["empty links", {}],
  ] as const)("is not on the last page, which has %s", async (lastPage, links) => {
    const { read } = await connect({ contacts, lastPage });
    expect((await read("/contacts?limit=5"))._links).toEqual(links);
  });
});

describe("pages", () => {
  test.each([
    ["newest first", "ed cb a"],
    ["oldest first", "ab cd e"],
    ["last updated first", "ae dc b"],
  ] as const)("show contacts %s", async (order, expected) => {
    const connection = await connect({ contacts, order });
    connection.sandbox.people.edit("a@example.fr", { first_name: "Ada" });
    expect(names(await readPages(connection, path))).toBe(expected);
  });

  test("leave out a contact if one before it is gone meanwhile, and repeat one if one has come", async () => {
    const connection = await connect({ contacts });
    const gone = connection.sandbox.onRequest(({ query }) => {
      if (query["cursor"] === undefined) return;
      gone();
      connection.sandbox.people.delete("e@example.fr");
    });
    expect(names(await readPages(connection, "/contacts?limit=2"))).toBe("ed ba");
    const come = connection.sandbox.onRequest(({ query }) => {
      if (query["cursor"] === undefined) return;
      come();
      connection.sandbox.people.add(onDaily("f@example.fr"));
    });
    expect(names(await readPages(connection, "/contacts?limit=2"))).toBe("dc cb a");
  });

  test("hold still if cursors name the last contact", async () => {
    const connection = await connect({ contacts, cursors: "contact" });
    const gone = connection.sandbox.onRequest(({ query }) => {
      if (query["cursor"] === undefined) return;
      gone();
      connection.sandbox.people.delete("e@example.fr");
    });
    expect(names(await readPages(connection, "/contacts?limit=2"))).toBe("ed cb a");
  });

  test.each([
    ["repeatRows", "ed dc ba"],
    ["skipRows", "ed ba"],
  ] as const)("are shifted by the fault %s", async (kind, expected) => {
    const connection = await connect({ contacts });
    connection.sandbox.faults.push({ match: { path: "contacts" }, fault: { kind } });
    expect(names(await readPages(connection, path))).toBe(expected);
  });
});
