import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { type Connection, connect } from "./connect.ts";

let sandbox: Sandbox;
let connection: Connection;

beforeEach(async () => {
  sandbox = await startSandbox();
  connection = await connect(sandbox);
  onTestFinished(() => sandbox.stop());
});

const control = (method: string, path: string, body?: unknown) =>
  fetch(new URL(`/sandbox/${path}`, sandbox.url), {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

describe("a sandbox in a process of its own", () => {
  test("takes faults, and forgets them", async () => {
    const rule = { match: { path: "/newsletters/lists$" }, fault: { kind: "status", status: 500 } };
    expect((await control("POST", "faults", [rule])).status).toBe(200);
    expect((await connection.send("GET", "/newsletters/lists")).status).toBe(500);
    await control("DELETE", "faults");
    expect((await connection.send("GET", "/newsletters/lists")).status).toBe(200);
  });

  test.each([
    [{ match: {}, fault: { kind: "explode" } }],
    [{ match: { pth: "x" }, fault: { kind: "reset" } }],
    [{ match: { path: "(" }, fault: { kind: "reset" } }],
  ])("refuses the rule %j", async (rule) => {
    expect((await control("POST", "faults", [rule])).status).toBe(400);
    expect(sandbox.faults).toEqual([]);
  });

  test("shows the requests that it has seen, without those that control it", async () => {
    await connection.write({ email: "a@example.fr" });
    const requests = await (await control("GET", "requests")).json();
    expect(requests).toMatchObject([
      { method: "GET", template: "/token" },
      {
        method: "POST",
        template: "/newsletters/lists/LIST_ID/subscribers",
        rows: [{ email: "a@example.fr" }],
      },
    ]);
    await control("DELETE", "requests");
    expect(sandbox.requests).toEqual([]);
  });

  test.each(["123", "legacy"])("takes a new content of the list %s, and shows it", async (id) => {
    const seeds = [
      { email: "a@example.fr", guid: "a", data_city: "Nantes" },
      { email: "b@example.fr", subscribed: false },
    ];
    expect((await control("PUT", `lists/${id}`, seeds)).status).toBe(200);
    expect(await (await control("GET", `lists/${id}`)).json()).toMatchObject(seeds);
    expect(sandbox.list(id === "legacy" ? undefined : 123).size).toBe(2);
  });

  test("keeps the name of a list, and creates a list that did not exist", async () => {
    await control("PUT", "lists/123", []);
    await control("PUT", "lists/7", [{ email: "a@example.fr" }]);
    expect(await connection.read("/newsletters/lists")).toMatchObject([
      { id: 123, name: "Daily" },
      { id: 7 },
    ]);
    expect((await control("PUT", "lists/seven", [])).status).toBe(400);
    expect((await control("PUT", "lists/7", [{ mail: "x" }])).status).toBe(400);
  });

  test("expires its tokens, and says which controls it has", async () => {
    await control("DELETE", "tokens");
    expect((await connection.send("GET", "/newsletters/lists")).status).toBe(401);
    expect(await (await control("GET", "help")).json()).toMatchObject({
      cause: expect.stringContaining("POST /sandbox/faults"),
    });
  });
});
