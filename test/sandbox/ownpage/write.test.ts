import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { defaultGuid } from "../../../infra/sandbox/ownpage/subscriber.ts";
import { type Connection, connect } from "./connect.ts";

let time = new Date();
let sandbox: Sandbox;
let connection: Connection;

beforeEach(async () => {
  time = new Date("2026-03-01T12:00:00Z");
  const subscribers = [
    { email: "in@example.fr", guid: "in", data_firstname: "Ina", data_city: "Lyon" },
    { email: "out@example.fr", guid: "out", subscribed: false, unsubscribed_cause: "HARD_BOUNCE" },
  ];
  sandbox = await startSandbox({ now: () => time, lists: [{ id: 123, subscribers }] });
  connection = await connect(sandbox);
  onTestFinished(() => sandbox.stop());
  time = new Date("2026-03-02T12:00:00Z");
});

const none = {
  errors: [],
  unique_emails_count: 0,
  duplicate_emails_count: 0,
  duplicate_guid_count: 0,
  nb_created: 0,
  nb_subscribed: 0,
  nb_unsubscribed: 0,
  nb_data_changed: 0,
};

const expectReport = async (rows: unknown, counters: Partial<typeof none>) =>
  expect(await connection.write(rows)).toEqual({ report: { ...none, ...counters } });

const held = (email: string) => sandbox.list(123).get(email);

describe("a new address", () => {
  test("is subscribed if subscribed is absent or invalid, with md5(email) as its guid", async () => {
    const rows = [{ email: "a@example.fr" }, { email: "b@example.fr", subscribed: "yes", guid: "" }];
    await expectReport(rows, { unique_emails_count: 2, nb_created: 2, nb_subscribed: 2 });
    for (const { email } of rows) {
      expect(held(email)).toMatchObject({
        subscribed: true,
        subscribed_at: time.toISOString(),
        guid: defaultGuid(email),
      });
    }
    expect(defaultGuid("a@example.fr")).toBe("64be3ea79a1fe472f4979d394a7dd609");
  });

  test("is added unsubscribed if subscribed is false", async () => {
    const row = { email: "a@example.fr", subscribed: false, unsubscribed_cause: "PUBLISHER", guid: 7 };
    await expectReport(row, { unique_emails_count: 1, nb_created: 1, nb_unsubscribed: 1 });
    expect(held(row.email)).toMatchObject({ subscribed: false, unsubscribed_cause: "PUBLISHER", guid: "7" });
  });

  test("is a new one even if only its case differs", async () => {
    await expectReport([{ email: "In@example.fr" }], {
      unique_emails_count: 1,
      nb_created: 1,
      nb_subscribed: 1,
    });
    expect(sandbox.list(123).size).toBe(3);
  });
});

describe("an address", () => {
  test.each([undefined, null, "maybe", 1])("keeps its status if subscribed is %s", async (subscribed) => {
    const before = sandbox.list(123).subscribers;
    const rows = [...before.keys()].map((email) => ({ email, subscribed }));
    await expectReport(rows, { unique_emails_count: 2 });
    expect(sandbox.list(123).subscribers).toEqual(before);
  });

  test("that is subscribed is unsubscribed by READER unless a cause is given", async () => {
    await expectReport(
      { email: "in@example.fr", subscribed: false },
      { unique_emails_count: 1, nb_unsubscribed: 1 },
    );
    expect(held("in@example.fr")).toMatchObject({
      subscribed: false,
      unsubscribed_at: time.toISOString(),
      unsubscribed_cause: "READER",
    });
  });

  test("that is unsubscribed keeps its first cause if it is unsubscribed again", async () => {
    const row = { email: "out@example.fr", subscribed: false, unsubscribed_cause: "PUBLISHER" };
    await expectReport(row, { unique_emails_count: 1 });
    expect(held(row.email)?.unsubscribed_cause).toBe("HARD_BOUNCE");
  });

  test.each([true, "true"])(
    "that is unsubscribed is subscribed again by subscribed: %j",
    async (subscribed) => {
      await expectReport(
        { email: "out@example.fr", subscribed },
        { unique_emails_count: 1, nb_subscribed: 1 },
      );
      expect(held("out@example.fr")).toMatchObject({ subscribed: true, subscribed_at: time.toISOString() });
      expect(held("out@example.fr")).not.toHaveProperty("unsubscribed_cause");
    },
  );

  test("keeps the attributes and the guid that a row does not mention", async () => {
    const row = { email: "in@example.fr", data_firstname: "Inès", nickname: "ignored" };
    await expectReport(row, { unique_emails_count: 1, nb_data_changed: 1 });
    expect(held(row.email)).toMatchObject({ guid: "in", data_firstname: "Inès", data_city: "Lyon" });
    expect(held(row.email)).not.toHaveProperty("nickname");
  });

  test("counts as changed if its guid changes, not if it is sent unchanged", async () => {
    await expectReport({ email: "in@example.fr", guid: "in", data_city: "Lyon" }, { unique_emails_count: 1 });
    await expectReport({ email: "in@example.fr", guid: "2" }, { unique_emails_count: 1, nb_data_changed: 1 });
  });
});

describe("a request", () => {
  test("applies the first row of an address, and of a guid, and counts the others", async () => {
    const rows = [
      { email: "a@example.fr", guid: "1", data_n: 1 },
      { email: "a@example.fr", guid: "2", data_n: 2 },
      { email: "b@example.fr", guid: "1" },
      { email: "b@example.fr", guid: "3" },
      { email: "c@example.fr", guid: "2" },
    ];
    const counters = { duplicate_emails_count: 2, duplicate_guid_count: 1, nb_created: 2, nb_subscribed: 2 };
    await expectReport(rows, { unique_emails_count: 3, ...counters });
    expect(held("a@example.fr")).toMatchObject({ guid: "1", data_n: 1 });
    expect(held("b@example.fr")).toBeUndefined();
    expect(held("c@example.fr")?.guid).toBe("2");
  });

  test("with one bad row changes nothing and names every bad line", async () => {
    const rows = [{ email: "user1@" }, { email: "a@example.fr" }, { guid: "x" }, "b@example.fr"];
    const answer = await connection.send("POST", "/newsletters/lists/123/subscribers", rows);
    expect(answer.status).toBe(400);
    const lines = [1, 3, 4].map((line) => `L${line}: email is missing or invalid`).join(", ");
    expect(await answer.json()).toEqual({ status: "INVALID_REQUEST", message: `3 error(s): ${lines}` });
    expect(sandbox.list(123).size).toBe(2);
    expect(sandbox.writes).toEqual([]);
  });

  test("may have 20,000 rows, and no more", async () => {
    const rows = Array.from({ length: 20_001 }, (_, n) => ({ email: `reader${n}@example.fr` }));
    expect((await connection.send("POST", "/newsletters/lists/123/subscribers", rows)).status).toBe(400);
    expect(sandbox.list(123).size).toBe(2);
    expect((await connection.send("POST", "/newsletters/lists/123/subscribers", rows.slice(1))).status).toBe(
      200,
    );
    expect(sandbox.list(123).size).toBe(20_002);
  });

  test.each(["", "[", "3"])("that is %j is refused", async (body) => {
    const answer = await connection.send("POST", "/newsletters/lists/123/subscribers", body);
    expect(await answer.json()).toEqual({ status: 400, cause: "Invalid request" });
  });

  test("is logged with what it wrote", async () => {
    await connection.write([{ email: "a@example.fr" }]);
    expect(sandbox.requests.at(-1)).toMatchObject({
      method: "POST",
      template: "/newsletters/lists/LIST_ID/subscribers",
      path: "/newsletters/lists/123/subscribers",
      status: 200,
      rows: [{ email: "a@example.fr" }],
    });
    expect(sandbox.writes).toEqual([{ email: "a@example.fr" }]);
  });
});

test("without keepBodies, the log has no bodies or rows", async () => {
  await using large = await startSandbox({ keepBodies: false });
  await (await connect(large)).write([{ email: "a@example.fr" }]);
  expect(large.requests.at(-1)).toMatchObject({ status: 200, body: undefined, rows: [] });
  expect(large.list(123).size).toBe(1);
});

test("the legacy list accepts attributes of any name", async () => {
  await connection.write(
    { email: "jean@example.fr", subscribed: "true", pseudo: "jean-l" },
    "/newsletters/subscribers",
  );
  expect(sandbox.list().get("jean@example.fr")).toMatchObject({ subscribed: true, pseudo: "jean-l" });
});

describe("deleting", () => {
  test("removes the addresses that the list has, for good", async () => {
    const rows = [{ email: "in@example.fr" }, { email: "nobody@example.fr" }];
    const report = await connection.write(rows, "/newsletters/lists/123/subscribers/delete");
    expect(report).toEqual({ report: { errors: [], nb_deleted: 1 } });
    expect([...sandbox.list(123).subscribers.keys()]).toEqual(["out@example.fr"]);
  });

  test("everyone with a status leaves the others", async () => {
    expect((await connection.send("DELETE", "/newsletters/lists/123/subscribers/all")).status).toBe(400);
    await connection.send("DELETE", "/newsletters/lists/123/subscribers/all?status=unsubscribed");
    expect([...sandbox.list(123).subscribers.keys()]).toEqual(["in@example.fr"]);
  });
});
