import { describe, expect, test } from "vitest";
import { connect, dailyList, onDaily, otherList, shownIn } from "./connect.ts";

const jsonImport = "/activities/contacts_json_import";

describe("an import", () => {
  test("adds a new contact with implicit permission, and puts it on the lists that it names", async () => {
    const { sandbox, importRows, clock } = await connect();
    clock.pass(60);
    const row = {
      email: "New@example.fr",
      first_name: "Ada",
      birthday_month: 12,
      birthday_day: 10,
      "cf:guid": "17",
      phone: "555-0100",
      work_phone: "555-0101",
      street: "1 rue Haute",
      zip: "75001",
      state: "IL",
      country: "US",
    };
    expect(await importRows([row], [dailyList, otherList])).toMatchObject({
      state: "completed",
      percent_done: 100,
      activity_errors: [],
      status: {
        items_total_count: 2,
        person_count: 1,
        error_count: 0,
        correctable_count: 0,
        cannot_add_to_list_count: 0,
      },
    });
    expect(sandbox.contact("new@example.fr")).toMatchObject({
      email: "New@example.fr",
      permission_to_send: "implicit",
      opt_in_source: "Account",
      create_source: "Account",
      created_at: "2026-03-01T12:01:00Z",
      first_name: "Ada",
      birthday_month: 12,
      custom_fields: { guid: "17" },
      list_memberships: [dailyList, otherList],
      phone_numbers: [
        { kind: "other", phone_number: "555-0100" },
        { kind: "work", phone_number: "555-0101" },
      ],
      street_addresses: [
        {
          kind: "home",
          street: "1 rue Haute",
          postal_code: "75001",
          state: "Illinois",
          country: "United States",
        },
      ],
    });
  });

  test("changes of a known contact what it names, and nothing else", async () => {
    const { sandbox, importRows, clock } = await connect({
      customFields: [{ label: "guid" }, { label: "town" }],
      contacts: [
        {
          email: "Ada@example.fr",
          permission_to_send: "explicit",
          first_name: "Ada",
          last_name: "Byron",
          custom_fields: { guid: "1", town: "Paris" },
          list_memberships: [otherList],
        },
      ],
    });
    const before = sandbox.contact("ada@example.fr");
    clock.pass(60);
    await importRows([{ email: "ADA@example.fr", last_name: "Lovelace", "cf:town": "London" }]);
    expect(sandbox.contact("ada@example.fr")).toEqual({
      ...before,
      last_name: "Lovelace",
      custom_fields: { guid: "1", town: "London" },
      list_memberships: [otherList, dailyList],
      updated_at: "2026-03-01T12:01:00Z",
      update_source: "Account",
    });
  });

  test("that changes nothing moves no clock, unless the dialect says so", async () => {
    for (const [updatedAtMovesWith, updated_at] of [
      [[], "2026-03-01T12:00:00Z"],
      [["import"], "2026-03-01T12:01:00Z"],
    ] as const) {
      const contacts = [onDaily("a@example.fr", { first_name: "Ada" })];
      const { sandbox, importRows, clock } = await connect({ contacts, updatedAtMovesWith });
      clock.pass(60);
      await importRows([{ email: "a@example.fr", first_name: "Ada" }]);
      expect(sandbox.contact("a@example.fr")).toMatchObject({ updated_at });
    }
  });

  test("does nothing with an empty text, or clears the field in that dialect", async () => {
    const contacts = [onDaily("a@example.fr", { first_name: "Ada", custom_fields: { guid: "1" } })];
    const row = { email: "a@example.fr", first_name: "", "cf:guid": "" };
    const plain = await connect({ contacts });
    await plain.importRows([row]);
    expect(plain.sandbox.contact("a@example.fr")).toMatchObject({
      first_name: "Ada",
      custom_fields: { guid: "1" },
    });
    const other = await connect({ contacts, emptyImportValues: "clear" });
    await other.importRows([row]);
    expect(other.sandbox.contact("a@example.fr")).not.toHaveProperty("first_name");
    expect(other.sandbox.contact("a@example.fr")).toMatchObject({ custom_fields: {} });
  });

  test("of a contact who opted out leaves the permission, adds it to no list, and counts it", async () => {
    const contacts = [{ email: "out@example.fr", permission_to_send: "unsubscribed" as const }];
    for (const [importOfOptedOut, permission_to_send, list_memberships, notAdded] of [
      ["not added", "unsubscribed", [], 1],
      ["added", "unsubscribed", [dailyList], 0],
      ["resubscribed", "implicit", [dailyList], 0],
    ] as const) {
      const { sandbox, importRows } = await connect({ contacts, importOfOptedOut });
      const { status } = await importRows([{ email: "out@example.fr", first_name: "Otto" }]);
      expect(status.cannot_add_to_list_count).toBe(notAdded);
      expect(sandbox.contact("out@example.fr")).toMatchObject({
        permission_to_send,
        list_memberships,
        first_name: "Otto",
      });
    }
  });

  test("of a contact who opted out may leave its fields as they are", async () => {
    const contacts = [{ email: "out@example.fr", permission_to_send: "unsubscribed" as const }];
    const { sandbox, importRows } = await connect({ contacts, importUpdatesOptedOut: false });
    await importRows([{ email: "out@example.fr", first_name: "Otto" }]);
    expect(sandbox.contact("out@example.fr")).not.toHaveProperty("first_name");
  });

  test("puts a contact back on the list that it left, unless the dialect says otherwise", async () => {
    for (const [importOfLeaver, members] of [
      ["added", ["a@example.fr"]],
      ["not added", []],
    ] as const) {
      const { sandbox, importRows } = await connect({ contacts: [onDaily("a@example.fr")], importOfLeaver });
      sandbox.people.leave("a@example.fr", dailyList);
      expect(sandbox.membersOf(dailyList)).toEqual([]);
      await importRows([{ email: "a@example.fr" }]);
      expect(sandbox.membersOf(dailyList)).toEqual(members);
    }
  });

  test("revives a deleted contact, leaves it deleted, or adds a second one", async () => {
    for (const [importOfDeleted, statuses] of [
      ["revived", ["alive"]],
      ["left deleted", ["deleted"]],
      ["a second contact", ["deleted", "alive"]],
    ] as const) {
      const { sandbox, importRows } = await connect({ contacts: [onDaily("a@example.fr")], importOfDeleted });
      sandbox.people.delete("a@example.fr");
      await importRows([{ email: "a@example.fr" }]);
      const found = sandbox.contacts.map(({ deleted_at }) =>
        deleted_at === undefined ? "alive" : "deleted",
      );
      expect(found).toEqual(statuses);
    }
  });

  test("of a deleted contact that had opted out leaves it opted out", async () => {
    const { sandbox, importRows } = await connect({ contacts: [onDaily("a@example.fr")] });
    sandbox.people.optOut("a@example.fr");
    sandbox.people.delete("a@example.fr");
    await importRows([{ email: "a@example.fr" }]);
    expect(sandbox.contact("a@example.fr")).toMatchObject({
      permission_to_send: "unsubscribed",
      list_memberships: [],
    });
  });

  test.each(["temp_hold", "pending_confirmation", "not_set"] as const)(
    "adds a contact whose permission is %s, and leaves the permission",
    async (permission_to_send) => {
      for (const importOfUndecided of ["added", "not added"] as const) {
        const contacts = [{ email: "a@example.fr", permission_to_send }];
        const { sandbox, importRows } = await connect({ contacts, importOfUndecided });
        await importRows([{ email: "a@example.fr" }]);
        const list_memberships = importOfUndecided === "added" ? [dailyList] : [];
        expect(sandbox.contact("a@example.fr")).toMatchObject({ permission_to_send, list_memberships });
      }
    },
  );
});

describe("bad rows of an import", () => {
  const rows = [
    { email: "good@example.fr" },
    { email: "bad at example" },
    { first_name: "Nobody" },
    { email: `${"x".repeat(50)}@example.fr` },
    { email: "long@example.fr", first_name: "x".repeat(51) },
  ];

  test("are named by their line, of which the first contact's is 2, and the others are imported", async () => {
    const { sandbox, importRows } = await connect();
    const { state, status, activity_errors } = await importRows(rows);
    expect([state, sandbox.membersOf(dailyList)]).toEqual(["completed", ["good@example.fr"]]);
    expect(status).toMatchObject({ person_count: 5, error_count: 2, correctable_count: 2 });
    expect(activity_errors.map((error: string) => error.slice(0, 7))).toEqual([
      "Line 3:",
      "Line 4:",
      "Line 5:",
      "Line 6:",
    ]);
  });

  test("may not be in person_count, and errors may be objects", async () => {
    const { importRows } = await connect({ personCount: "good rows", activityErrors: "objects" });
    const { status, activity_errors } = await importRows(rows);
    expect(status.person_count).toBe(1);
    expect(activity_errors[0]).toEqual({ message: expect.stringContaining("Line 3:") });
  });

  test("may be a reason to refuse all of it", async () => {
    const { sandbox, send } = await connect({ badImportRows: "refused" });
    const body = { import_data: rows, list_ids: [dailyList] };
    expect((await send("POST", jsonImport, body)).status).toBe(400);
    expect(sandbox.membersOf(dailyList)).toEqual([]);
  });

  test("are those with an unknown custom field, in that dialect", async () => {
    for (const [unknownCustomFields, errors] of [
      ["ignored", 0],
      ["an error", 1],
    ] as const) {
      const { sandbox, importRows } = await connect({ unknownCustomFields });
      const { status } = await importRows([{ email: "a@example.fr", "cf:nowhere": "x" }]);
      expect(status.error_count).toBe(errors);
      expect(sandbox.membersOf(dailyList)).toHaveLength(1 - errors);
    }
  });
});

describe("an import is refused", () => {
  test.each([
    ["without lists", { list_ids: [] }],
    ["with more than 50 lists", { list_ids: Array(51).fill(dailyList) }],
    ["with a list that does not exist", { list_ids: ["33333333-0000-4000-8000-000000000003"] }],
    ["without rows", { import_data: undefined }],
  ])("%s", async (_, wrong) => {
    const { send } = await connect();
    const body = { import_data: [{ email: "a@example.fr" }], list_ids: [dailyList], ...wrong };
    const answer = await send("POST", jsonImport, body);
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      [{ error_key: "contacts.api.validation.error" }],
    ]);
  });
});

describe("an import is cut without a word", () => {
  const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => ({ email: `r${n}@example.fr` }));

  test("at 40,000 rows", async () => {
    const { sandbox, importRows } = await connect();
    const { state, status, activity_errors } = await importRows(rowsOf(40_001));
    expect([state, status.person_count, activity_errors]).toEqual(["completed", 40_000, []]);
    expect(sandbox.contact("r39999@example.fr")).toBeDefined();
    expect(sandbox.contact("r40000@example.fr")).toBeUndefined();
  });

  test("at 4 MB, which are counted in bytes", async () => {
    const { importRows } = await connect({ importBytes: 1_000 });
    const letters = await importRows([...rowsOf(2), { email: "a@example.fr", "cf:guid": "e".repeat(255) }]);
    expect(letters.status.person_count).toBe(3);
    const accents = Array.from({ length: 3 }, () => ({ email: "a@example.fr", "cf:guid": "é".repeat(255) }));
    expect((await importRows(accents)).status.person_count).toBe(1);
  });
});

describe("an import of a file", () => {
  const send = async (
    connection: Awaited<ReturnType<typeof connect>>,
    csv: string,
    { name = "readers.csv", lists = dailyList } = {},
  ) => {
    const form = new FormData();
    form.append("file", new Blob([csv]), name);
    form.append("list_ids", lists);
    const { token, sandbox } = connection;
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${sandbox.url}/activities/contacts_file_import`, { method: "POST", headers, body: form });
  };

  test("does the same as one of JSON, with the columns that the first line names", async () => {
    const connection = await connect();
    const csv = 'email,first_name,cf:guid\r\na@example.fr,"Zoé, dite ""Z""",7\r\nb@example.fr,,\r\nbad,,\r\n';
    const answer = await send(connection, csv, { lists: `${dailyList},${otherList}` });
    const started = await shownIn(answer);
    expect([answer.status, started.source_file_name]).toEqual([201, "readers.csv"]);
    const { status, activity_errors } = await connection.read(`/activities/${started.activity_id}`);
    expect(status).toMatchObject({ items_total_count: 4, person_count: 3, correctable_count: 1 });
    expect(activity_errors).toEqual([expect.stringMatching(/^Line 4:/)]);
    expect(connection.sandbox.contact("a@example.fr")).toMatchObject({
      first_name: 'Zoé, dite "Z"',
      custom_fields: { guid: "7" },
      list_memberships: [dailyList, otherList],
    });
    expect(connection.sandbox.writes).toMatchObject([
      { email: "a@example.fr" },
      { email: "b@example.fr" },
      {},
    ]);
  });

  test("is cut at its 40,000th line, of which the header is the first, and at 4 MB", async () => {
    const connection = await connect({ importRows: 3, importBytes: 60 });
    const count = async (csv: string) => {
      const { activity_id } = await shownIn(await send(connection, csv));
      return (await connection.read(`/activities/${activity_id}`)).status.person_count;
    };
    expect(await count("email\na@x.fr\nb@x.fr\nc@x.fr\n")).toBe(2);
    expect(await count(`email\n${"a".repeat(30)}@x.fr\n${"b".repeat(30)}@x.fr\n`)).toBe(1);
  });

  test("is refused if it is no CSV file, or if its form has no boundary", async () => {
    const connection = await connect();
    expect((await send(connection, "email\n", { name: "readers.xlsx" })).status).toBe(415);
    expect((await send(connection, "email\n", { lists: "" })).status).toBe(400);
    expect((await send(connection, 'email\n"a@x.fr')).status).toBe(400);
    const headers = { "content-type": "multipart/form-data" };
    const path = "/activities/contacts_file_import";
    expect((await connection.send("POST", path, "email\n", headers)).status).toBe(415);
  });
});
