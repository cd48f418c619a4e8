import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { type Connection, connect } from "./connect.ts";

const now = () => new Date("2026-03-01T12:00:00Z");
const list = "/newsletters/lists/123/subscribers";

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  const subscribers = [
    { email: "ana@example.fr", guid: "a", data_firstname: "Ana" },
    { email: "Bob@Example.fr", subscribed: false },
    { email: "bob@example.fr", guid: "b" },
    { email: "chloe@example.fr", subscribed: false, unsubscribed_cause: "HARD_BOUNCE" },
    { email: "dan@other.fr", subscribed: false, unsubscribed_cause: "SPAM_TRAP" },
  ];
  sandbox = await startSandbox({
    now,
    lists: [
      { id: 123, name: "Daily", subscribers },
      { id: 124, name: "Weekly" },
    ],
  });
  connection = await connect(sandbox);
});

afterAll(() => sandbox.stop());

const emails = async (query: string) =>
  ((await connection.read(`${list}?${query}`)) as { email: string }[]).map(({ email }) => email);

describe("reading", () => {
  test("shows the lists, without the implicit one of the legacy API", async () => {
    const times = { created_at: now().toISOString(), updated_at: now().toISOString() };
    expect(await connection.read("/newsletters/lists")).toEqual([
      { id: 123, name: "Daily", ...times },
      { id: 124, name: "Weekly", ...times },
    ]);
  });

  test("counts by status and by cause, even an undocumented cause", async () => {
    expect(await connection.read(`${list}/count`)).toEqual({
      subscribed: 2,
      unsubscribed: 3,
      cause: { READER: 1, HARD_BOUNCE: 1, SPAM_TRAP: 1 },
    });
  });

  test("shows every field that has a value", async () => {
    const rows = await connection.read(`${list}?status=all&count=2`);
    const counters = { send_count: 0, open_count: 0, click_count: 0 };
    const at = now().toISOString();
    expect(rows).toEqual([
      {
        email: "ana@example.fr",
        guid: "a",
        subscribed: true,
        subscribed_at: at,
        ...counters,
        data_firstname: "Ana",
      },
      {
        email: "Bob@Example.fr",
        guid: "e8d1faa3bab8be6175a3388b4fa6c9e4",
        subscribed: false,
        subscribed_at: at,
        unsubscribed_at: at,
        unsubscribed_cause: "READER",
        ...counters,
      },
    ]);
  });

  test.each([
    ["", ["ana@example.fr", "bob@example.fr"]],
    ["status=unsubscribed", ["Bob@Example.fr", "chloe@example.fr", "dan@other.fr"]],
    ["status=all&offset=1&count=2", ["Bob@Example.fr", "bob@example.fr"]],
    ["status=unsubscribed&offset=1&count=1", ["chloe@example.fr"]],
    ["status=all&offset=5", []],
    ["status=all&search=bob", ["Bob@Example.fr", "bob@example.fr"]],
    ["status=all&search=bob&offset=1", ["bob@example.fr"]],
    ["search=bob", ["bob@example.fr"]],
    ["status=all&search=bob&exact=true", []],
    ["status=all&search=Bob@Example.fr&exact=true", ["Bob@Example.fr"]],
    ["status=&offset=&count=&search=&exact=", ["ana@example.fr", "bob@example.fr"]],
  ])("with ?%s returns %j", async (query, expected) => {
    expect(await emails(query)).toEqual(expected);
  });

  test.each(["count=0", "count=10001", "count=ten", "offset=-1", "status=active", "exact=maybe"])(
    "with ?%s is refused",
    async (query) => {
      const answer = await connection.send("GET", `${list}?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        status: 400,
        cause: `Invalid parameter: ${query.split("=")[0]}`,
      });
    },
  );

  test("from an unknown path or list is answered with 404 in the second shape", async () => {
    for (const path of [
      "/newsletters",
      "/newsletters/lists/9/subscribers",
      "/newsletters/lists/x/subscribers/count",
    ]) {
      const answer = await connection.send("GET", path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({ status: 404, cause: expect.any(String) });
    }
  });

  test("with a method that the path does not have is answered with 405", async () => {
    expect((await connection.send("PUT", list)).status).toBe(405);
  });

  test("without a list id reads the legacy list", async () => {
    sandbox.list().set({ email: "legacy@example.fr" });
    expect(await connection.read("/newsletters/subscribers/count")).toEqual({
      subscribed: 1,
      unsubscribed: 0,
      cause: {},
    });
    expect(await connection.read("/newsletters/subscribers")).toEqual([
      expect.objectContaining({ email: "legacy@example.fr" }),
    ]);
  });
});

describe("a reader who opts out between two pages", () => {
  test("shifts the pages of the subscribed, but not the pages of all", async () => {
    await using moving = await startSandbox({ lists: [{ id: 123, synthetic: 6 }] });
    const { read } = await connect(moving);
    moving.onRequest(({ query }) => {
      if (query["offset"] === "3") moving.list(123).optOut("reader.0@example0.fr");
    });
    const seen = async (status: string) => {
      moving.list(123).set({ email: "reader.0@example0.fr" });
      const first = (await read(`${list}?status=${status}&offset=0&count=3`)) as unknown[];
      const second = (await read(`${list}?status=${status}&offset=3&count=3`)) as unknown[];
      return first.length + second.length;
    };
    expect(await seen("subscribed")).toBe(5);
    expect(await seen("all")).toBe(6);
  });
});
