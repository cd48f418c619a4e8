import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../../infra/sandbox/constant-contact/limits.ts";
import { connect, dailyList, onDaily, otherList, shownIn } from "./connect.ts";

const importOf = (email: string) => ({ import_data: [{ email }], list_ids: [dailyList] });
const path = "/activities/contacts_json_import";

describe("an activity", () => {
  test("is accepted with 201, initialized, before anything is done, and completed when it is looked at", async () => {
    const { send, read, sandbox } = await connect();
    const answer = await send("POST", path, importOf("a@example.fr"));
    const started = await shownIn(answer);
    expect(answer.status).toBe(201);
    expect(started).toEqual({
      activity_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      state: "initialized",
      created_at: "2026-03-01T12:00:00Z",
      updated_at: "2026-03-01T12:00:00Z",
      percent_done: 1,
      activity_errors: [],
      status: {},
      _links: { self: { href: `/v3/activities/${started.activity_id}` } },
    });
    expect(await read(started._links.self.href.slice(3))).toMatchObject({
      state: "completed",
      percent_done: 100,
      started_at: "2026-03-01T12:00:00Z",
      completed_at: "2026-03-01T12:00:00Z",
    });
    expect(sandbox.membersOf(dailyList)).toEqual(["a@example.fr"]);
  });

  test.each([200, 202] as const)("may be accepted with %i", async (acceptedStatus) => {
    const { send, sandbox } = await connect({ acceptedStatus });
    expect((await send("POST", path, importOf("a@example.fr"))).status).toBe(acceptedStatus);
    expect(sandbox.writes).toEqual([{ email: "a@example.fr" }]);
  });

  test("may take as many polls as a test says, and does its work with the last one", async () => {
    const { write, read, sandbox } = await connect({ activities: { polls: 2 } });
    const { activity_id } = await write("POST", path, importOf("a@example.fr"));
    const poll = () => read(`/activities/${activity_id}`);
    expect(await poll()).toMatchObject({ state: "processing", percent_done: 33, status: {} });
    expect(await poll()).toMatchObject({ state: "processing", percent_done: 66 });
    expect(sandbox.membersOf(dailyList)).toEqual([]);
    expect(await poll()).toMatchObject({ state: "completed", percent_done: 100 });
    expect(sandbox.membersOf(dailyList)).toEqual(["a@example.fr"]);
  });

  test("may take as long as a test says, and does its work then, though nobody looks", async () => {
    const { write, read, sandbox, clock } = await connect({ activities: { ms: 60_000 } });
    const { activity_id } = await write("POST", path, importOf("a@example.fr"));
    expect(await read(`/activities/${activity_id}`)).toMatchObject({ state: "initialized", percent_done: 1 });
    clock.pass(30);
    expect(await read(`/activities/${activity_id}`)).toMatchObject({ state: "processing", percent_done: 49 });
    expect(sandbox.contact("a@example.fr")).toBeUndefined();
    clock.pass(3_600);
    expect(sandbox.contact("a@example.fr")).toMatchObject({ created_at: "2026-03-01T12:01:00Z" });
  });

  test("does its work before what people do later", async () => {
    const contacts = [onDaily("a@example.fr")];
    const { write, sandbox, clock } = await connect({ contacts, activities: { ms: 1_000 } });
    sandbox.people.leave("a@example.fr", dailyList);
    await write("POST", path, importOf("a@example.fr"));
    clock.pass(1);
    sandbox.people.leave("a@example.fr", dailyList);
    expect(sandbox.membersOf(dailyList)).toEqual([]);
  });

  test.each(["failed", "cancelled", "timed_out"] as const)(
    "may end as %s, with part of its work done",
    async (ends) => {
      const { importRows, sandbox } = await connect();
      sandbox.activityPlans.push({ ends }, { ends, done: 0.5 });
      const rows = [{ email: "a@example.fr" }, { email: "b@example.fr" }];
      expect(await importRows(rows)).toMatchObject({ state: ends });
      expect(sandbox.membersOf(dailyList)).toEqual([]);
      const activity = await importRows(rows);
      expect(activity).not.toHaveProperty("completed_at");
      expect([activity.state, sandbox.membersOf(dailyList)]).toEqual([ends, ["a@example.fr"]]);
      expect((await importRows(rows)).state).toBe("completed");
    },
  );

  test("may never end", async () => {
    const { importRows, clock, sandbox } = await connect();
    sandbox.activityPlans.push({ ends: "never" });
    const { activity_id, state } = await importRows([{ email: "a@example.fr" }]);
    clock.pass(86_400 * 9);
    sandbox.people.add(onDaily("b@example.fr"));
    expect([state, sandbox.membersOf(dailyList)]).toEqual(["processing", ["b@example.fr"]]);
    expect(sandbox.activities).toMatchObject([{ id: activity_id, state: "processing", percentDone: 98 }]);
  });

  test("is done even if the answer to its request is lost", async () => {
    const { send, read, sandbox } = await connect();
    sandbox.faults.push({ match: { row: "a@example" }, fault: { kind: "lost" } });
    await expect(send("POST", path, importOf("a@example.fr"))).rejects.toThrow();
    expect((await read("/activities")).activities).toMatchObject([{ state: "completed" }]);
    expect(sandbox.membersOf(dailyList)).toEqual(["a@example.fr"]);
  });

  test("is forgotten after ten days", async () => {
    const { importRows, send, clock } = await connect({ accessTokenSeconds: 86_400 * 30 });
    const { activity_id } = await importRows([{ email: "a@example.fr" }]);
    clock.pass(10 * 86_400 - 1);
    expect((await send("GET", `/activities/${activity_id}`)).status).toBe(200);
    clock.pass(1);
    expect((await send("GET", `/activities/${activity_id}`)).status).toBe(404);
  });

  test.each([
    ["array", [{ error_key: expect.any(String) }]],
    ["object", { error_key: expect.any(String) }],
  ] as const)(
    "is refused with 429 and an %s if too many are queued: 1,000 unless a test says otherwise",
    async (fullQueueShape, body) => {
      const { send, importRows, clock } = await connect({
        fullQueueShape,
        queuedActivities: 2,
        activities: { ms: 60_000 },
      });
      expect(defaultLimits.queuedActivities).toBe(1_000);
      for (let queued = 0; queued < 2; queued++) await importRows([{ email: "a@example.fr" }]);
      const answer = await send("POST", path, importOf("b@example.fr"));
      expect([answer.status, await answer.json()]).toMatchObject([429, body]);
      clock.pass(60);
      expect((await send("POST", path, importOf("b@example.fr"))).status).toBe(201);
    },
  );
});

describe("the activities", () => {
  test("are shown newest first, by state, in pages, and every one of a page has the first one's link", async () => {
    const { importRows, read, sandbox } = await connect();
    sandbox.activityPlans.push({}, { ends: "failed" }, { polls: 9 });
    const ids = [];
    for (const name of ["a", "b", "c"])
      ids.unshift((await importRows([{ email: `${name}@x.fr` }])).activity_id);
    const { activities } = await read("/activities");
    expect(activities.map(({ activity_id }) => activity_id)).toEqual(ids);
    expect(activities.map(({ state }) => state)).toEqual(["processing", "failed", "completed"]);
    expect(new Set(activities.map(({ _links }) => _links.self.href)).size).toBe(1);
    expect((await read("/activities?state=failed")).activities).toMatchObject([{ activity_id: ids[1] }]);
    const first = await read("/activities?limit=2");
    const second = await read(first._links.next.href.slice(3));
    expect([first.activities.length, second.activities]).toMatchObject([2, [{ activity_id: ids[2] }]]);
    expect(second).not.toHaveProperty("_links");
  });

  test.each(["state=initialized", "limit=501"])("are not shown by %s", async (query) => {
    const { send } = await connect();
    expect((await send("GET", `/activities?${query}`)).status).toBe(400);
  });
});

describe("memberships", () => {
  const contacts = [
    onDaily("a@example.fr", { list_memberships: [dailyList, otherList] }),
    onDaily("b@example.fr"),
    onDaily("c@example.fr", { permission_to_send: "unsubscribed" }),
  ];

  const change = async (act: "add" | "remove", body: object, options = {}) => {
    const connection = await connect({ contacts, ...options });
    const { write, read, sandbox } = connection;
    const idOf = (email: string) => sandbox.contact(email)!.contact_id;
    const ids = { source: { contact_ids: ["a@example.fr", "c@example.fr"].map(idOf) } };
    const path = `/activities/${act}_list_memberships`;
    const { activity_id } = await write("POST", path, { ...ids, list_ids: [dailyList], ...body });
    return { ...connection, activity: await read(`/activities/${activity_id}`) };
  };

  test("are ended for the contacts that are named, whatever their permission, and for no other list", async () => {
    const { activity, sandbox } = await change("remove", {});
    expect(activity).toMatchObject({
      state: "completed",
      status: { items_total_count: 2, items_completed_count: 2, list_count: 1 },
    });
    expect([sandbox.membersOf(dailyList), sandbox.membersOf(otherList)]).toEqual([
      ["b@example.fr"],
      ["a@example.fr"],
    ]);
  });

  test("are ended for all members of a list, but for those who are excluded", async () => {
    const source = { list_ids: [dailyList] };
    expect((await change("remove", { source })).sandbox.membersOf(dailyList)).toEqual([]);
    const all = { all_active_contacts: true };
    expect((await change("remove", { source: all })).sandbox.membersOf(dailyList)).toEqual(["c@example.fr"]);
  });

  test("of nobody are an activity with nothing to do", async () => {
    const source = { contact_ids: ["c0c0c0c0-0000-4000-8000-00000000ffff"] };
    expect((await change("remove", { source })).activity).toMatchObject({ status: { items_total_count: 0 } });
    expect((await change("remove", { source })).activity.status).not.toHaveProperty("items_completed_count");
  });

  test("are added, but for who opted out, unless the dialect says otherwise", async () => {
    for (const [addingLeavesOutOptedOut, members] of [
      [true, ["a@example.fr"]],
      [false, ["a@example.fr", "c@example.fr"]],
    ] as const) {
      const { sandbox } = await change("add", { list_ids: [otherList] }, { addingLeavesOutOptedOut });
      expect(sandbox.membersOf(otherList)).toEqual(members);
    }
  });

  test("that are added revive a deleted contact", async () => {
    const { sandbox, write } = await connect({ contacts });
    sandbox.people.delete("b@example.fr");
    const { contact_id } = sandbox.contact("b@example.fr")!;
    const body = { source: { contact_ids: [contact_id] }, list_ids: [otherList] };
    await write("POST", "/activities/add_list_memberships", body);
    expect(sandbox.contact("b@example.fr")).toMatchObject({ list_memberships: [otherList] });
    expect(sandbox.contact("b@example.fr")).not.toHaveProperty("deleted_at");
  });

  test.each([
    { source: { contact_ids: Array(501).fill(dailyList) } },
    { source: { contact_ids: [dailyList], list_ids: [dailyList] } },
    { source: {} },
    { list_ids: [] },
    { list_ids: ["33333333-0000-4000-8000-000000000003"] },
  ])("are not changed by %j", async (wrong) => {
    const { send } = await connect();
    const body = { source: { contact_ids: [dailyList] }, list_ids: [dailyList], ...wrong };
    expect((await send("POST", "/activities/remove_list_memberships", body)).status).toBe(400);
  });
});
