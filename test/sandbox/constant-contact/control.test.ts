import { describe, expect, test } from "vitest";
import { connect, dailyList, onDaily, refresh, shownIn } from "./connect.ts";

async function open() {
  const connection = await connect({ contacts: [onDaily("a@example.fr"), onDaily("b@example.fr")] });
  const control = (method: string, path: string, body?: unknown) =>
    fetch(new URL(`/sandbox/${path}`, connection.sandbox.url), {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { ...connection, control };
}

describe("a sandbox in a process of its own", () => {
  test("takes contacts, shows all of them, and refuses what is none", async () => {
    const { control, sandbox } = await open();
    const seed = { email: "c@example.fr", permission_to_send: "temp_hold", list_memberships: [dailyList] };
    expect((await control("POST", "contacts", [seed])).status).toBe(200);
    expect(await (await control("GET", "contacts")).json()).toMatchObject([{}, {}, seed]);
    expect((await control("POST", "contacts", [{ mail: "x" }])).status).toBe(400);
    expect(sandbox.contacts).toHaveLength(3);
  });

  test("lets a reader leave a list, or opt out of everything", async () => {
    const { control, sandbox } = await open();
    await control("POST", "opt-outs", { email: "a@example.fr", list_id: dailyList });
    await control("POST", "opt-outs", { email: "b@example.fr" });
    expect(sandbox.contact("a@example.fr")).toMatchObject({
      list_memberships: [],
      permission_to_send: "implicit",
    });
    expect(sandbox.contact("b@example.fr")).toMatchObject({ permission_to_send: "unsubscribed" });
    expect((await control("POST", "opt-outs", { email: "nobody@example.fr" })).status).toBe(404);
    expect((await control("POST", "opt-outs", {})).status).toBe(400);
  });

  test("plans activities, and shows them", async () => {
    const { control, importRows } = await open();
    expect((await control("POST", "activities", [{ ends: "failed" }])).status).toBe(200);
    expect((await control("POST", "activities", [{ ends: "badly" }])).status).toBe(400);
    expect((await importRows([{ email: "c@example.fr" }])).state).toBe("failed");
    const activities = await (await control("GET", "activities")).json();
    expect(activities).toMatchObject([{ kind: "contacts_json_import", state: "failed" }]);
  });

  test("lets access tokens expire, and takes back what was granted", async () => {
    const { control, send, sandbox } = await open();
    await control("DELETE", "tokens");
    expect((await send("GET", "/contacts")).status).toBe(401);
    const { sandbox: other } = await connect({ refreshTokens: "the same" });
    await fetch(new URL("/sandbox/consent", other.url), { method: "DELETE" });
    expect((await refresh(other)).status).toBe(400);
    expect(sandbox.requests.map(({ path }) => path)).not.toContain("/sandbox/tokens");
  });

  test("takes faults, which match by the rows of an import, too", async () => {
    const { control, send } = await open();
    const rule = { match: { row: "b@example", rowsAbove: 1 }, fault: { kind: "status", status: 500 } };
    await control("POST", "faults", [rule]);
    const write = (...emails: string[]) =>
      send("POST", "/activities/contacts_json_import", {
        import_data: emails.map((email) => ({ email })),
        list_ids: [dailyList],
      });
    expect((await write("a@example.fr", "b@example.fr")).status).toBe(500);
    expect((await write("b@example.fr")).status).toBe(201);
    await control("DELETE", "faults");
    expect((await write("a@example.fr", "b@example.fr")).status).toBe(201);
  });
});

describe("the log of requests", () => {
  test("has each one's template, and the rows of imports, but nothing of what is sent for a token", async () => {
    const { sandbox, importRows } = await open();
    await importRows([{ email: "c@example.fr" }]);
    expect(sandbox.requests).toMatchObject([
      { method: "POST", template: "/oauth2/default/v1/token", query: {}, body: undefined, status: 200 },
      {
        template: "/activities/contacts_json_import",
        rows: [{ email: "c@example.fr" }],
        body: { list_ids: [dailyList] },
      },
      { template: "/activities/ACTIVITY_ID" },
    ]);
    expect(sandbox.writes).toEqual([{ email: "c@example.fr" }]);
  });
});

describe("a fault", () => {
  test("may be a page of HTML, a cut answer, or one that quotes an address and a link", async () => {
    const { sandbox, send } = await open();
    const path = "/contacts";
    sandbox.faults.push(
      { match: { path }, times: 1, fault: { kind: "status", status: 503, html: "<h1>Outage</h1>" } },
      { match: { path }, after: 1, times: 1, fault: { kind: "cut" } },
      { match: { path }, after: 2, times: 1, fault: { kind: "leaky", spared: ["contact_id"] } },
      { match: { path }, after: 3, times: 1, fault: { kind: "leaky", status: 401 } },
    );
    const outage = await send("GET", path);
    expect([outage.status, await outage.text()]).toEqual([503, "<h1>Outage</h1>"]);
    await expect(send("GET", path).then((answer) => answer.text())).rejects.toThrow();
    const leaky = await shownIn(await send("GET", path));
    expect(leaky.contacts[0]?.email_address.permission_to_send).toContain("leaky.reader@example.fr");
    expect(leaky.contacts[0]?.contact_id).toBe(sandbox.contact("b@example.fr")!.contact_id);
    expect((await send("GET", path)).status).toBe(401);
  });
});
