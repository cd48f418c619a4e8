import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { eventsKey, tableKey } from "../../functions/platform/storage/object-keys.ts";
import { eventColumns } from "../../functions/providers/event-columns.ts";
import { ArchiveWorld } from "./archive-world.ts";

const date = "2026-03-09";

/** An archive of one file, for which the provider sends this CSV. */
async function archive(csv: string, event: keyof typeof eventColumns = "nl_subscribe") {
  const world = new ArchiveWorld();
  world.provider.csvs.set(`${event} ${date}`, csv);
  const ask = { date, events: [event] };
  return {
    world,
    run: async () => (await world.run(ask)).files[0],
    failing: async () => {
      const { error, report } = await world.failing(ask);
      return { message: error.message, file: report.files[0], report };
    },
    original: () => world.archive.textOf(eventsKey(event, date)),
    copy: () => world.archive.textOf(tableKey(event, date)),
    metadata: () => world.archive.files.get(eventsKey(event, date))?.metadata ?? {},
  };
}

describe("a file's columns", () => {
  test("may include an unknown one, which is kept and reported", async () => {
    const csv = "date,email,email_list_id,origin\n2026-03-09,a@example.fr,1,web\n";
    const { run, original, copy } = await archive(csv);
    expect(await run()).toMatchObject({ outcome: "stored", unknownColumns: ["origin"] });
    expect([original(), copy()]).toEqual([csv, csv]);
  });

  test("are reported by position if their names could be values", async () => {
    const { run, metadata } = await archive(
      "date,email,email_list_id,jean@example.fr,prénom,Jean Dupont,0612\n",
    );
    expect(await run()).toMatchObject({ unknownColumns: ["column 4", "column 5", "column 6", "column 7"] });
    expect(metadata()["columns"]).toBe(
      "date,email,email_list_id,jean%40example.fr,pr%C3%A9nom,Jean%20Dupont,0612",
    );
  });

  test.each([
    ["one", "date,email_list_id\n2026-03-09,1\n", "lacks the column email"],
    ["two", "day,email,list\n2026-03-09,jean@example.fr,1\n", "lacks the columns date, email_list_id"],
    ["all", "2026-03-09,jean@example.fr,1\n", "has no header"],
    ["all, in a page of HTML", "<!doctype html><h1>Maintenance</h1>", "has no header"],
    ["all, in an error's JSON", '{"status":500,"cause":"jean@example.fr"}', "has no header"],
    ["all, in an endless quote", `"${"jean@example.fr ".repeat(9000)}"\n`, "has no header"],
  ])("fail the file if it lacks %s; it is kept aside and never quoted", async (_, csv, reason) => {
    const { failing, world } = await archive(csv);
    const { message, file, report } = await failing();
    expect(message).toBe(`1 of 1 files were not archived: nl_subscribe of ${date} ${reason}`);
    expect(file).toMatchObject({ outcome: "failed", reason, keptAside: expect.stringMatching(/^refused\//) });
    expect(world.keys()).toEqual([file?.keptAside]);
    expect(world.archive.textOf(file?.keptAside ?? "")).toBe(csv);
    expect(
      JSON.stringify(report) + JSON.stringify([...world.archive.files.values()][0]?.metadata),
    ).not.toContain("jean");
    expect(report.missing).toBe(1);
  });

  test.each([
    ["spaces", " date,email , email_list_id\n"],
    ["capitals", "Date,EMAIL,Email_List_ID\n"],
    ["a byte order mark and a space", "\ufeff date,email,email_list_id\r\n"],
  ])("may be spelled with %s, and the copy spells them as documented", async (_, header) => {
    const row = "2026-03-09 10:00:00,a@example.fr,1\n";
    const { run, original, copy } = await archive(header + row);
    expect(await run()).not.toHaveProperty("unknownColumns");
    expect(original()).toBe(header + row);
    expect(copy()).toBe(`date,email,email_list_id\n${row}`);
  });

  test("may be spelled in any way in any order", async () => {
    const { run, copy } = await archive(
      " Origin , EMAIL_LIST_ID,Email,DATE\nweb,1,a@example.fr,2026-03-09 10:00:00\n",
    );
    expect(await run()).toMatchObject({ outcome: "stored", unknownColumns: ["Origin"] });
    expect(copy()).toBe("date,email,email_list_id,Origin\n2026-03-09 10:00:00,a@example.fr,1,web\n");
  });

  test("must not be ambiguous", async () => {
    const { failing } = await archive("date,email,Email ,email_list_id\n");
    expect((await failing()).file?.reason).toBe("has the column email more than once");
  });

  test("may lack one that the provider added later", async () => {
    const csv = "date,email,campaign_id,newsletter_id,email_list_id\n2026-03-09,a@example.fr,1,2,3\n";
    const { run, original, copy } = await archive(csv, "nl_send");
    expect(await run()).toMatchObject({ outcome: "stored", rows: 1 });
    expect(original()).toBe(csv);
    expect(copy()).toBe(`${eventColumns.nl_send.join()}\n2026-03-09,a@example.fr,1,2,3,\n`);
  });

  test("may follow a byte order mark and end with CR LF", async () => {
    const csv = "\ufeffdate,email,email_list_id\r\n2026-03-09,a@example.fr,1\r\n";
    const { run, original, copy } = await archive(csv);
    expect(await run()).toMatchObject({ outcome: "stored", rows: 1 });
    expect([original(), copy()]).toEqual([csv, csv]);
  });

  test("are cut to fit into the metadata", async () => {
    const { run, metadata } = await archive(`date,email,email_list_id,${"é".repeat(900)}\n`);
    expect(await run()).toMatchObject({ unknownColumns: ["column 4"] });
    expect(metadata()["columns"]).toMatch(/^date,email,email_list_id,(%C3%A9)+.{0,5}\.\.\.$/);
  });
});

describe("the copy that Athena reads", () => {
  test("has the documented columns in their order, followed by the unknown ones", async () => {
    const csv =
      "origin,email_list_id,email,date,age\nweb,1,a@example.fr,2026-03-09,7\napp,2,b@example.fr,2026-03-09,\n";
    const { run, original, copy } = await archive(csv);
    expect(await run()).toMatchObject({ unknownColumns: ["origin", "age"] });
    expect(original()).toBe(csv);
    expect(copy()).toBe(
      "date,email,email_list_id,origin,age\n2026-03-09,a@example.fr,1,web,7\n2026-03-09,b@example.fr,2,app,\n",
    );
  });

  test("has each row on one line, and is otherwise unchanged", async () => {
    const messages = [
      "Refused:\r\nsee why",
      "a\n\nb",
      "c\rd",
      'said "no", twice',
      "a,b",
      "",
      "été 😀",
      "back\\slash",
    ];
    const quoted = messages.map((message) => `"${message.replaceAll('"', '""')}"`);
    const header = eventColumns.nl_bounce.join();
    const csv = `${header}\n${quoted.map((message) => `2026-03-09,a@example.fr,1,2,3,hard,${message}\n`).join("")}`;
    const { run, original, copy, world } = await archive(csv, "nl_bounce");
    expect(await run()).toMatchObject({ outcome: "stored", rows: messages.length });
    expect(original()).toBe(csv);
    const lines = copy().split("\n").slice(0, -1);
    expect(lines[0]).toBe(header);
    const values = lines.slice(1).map((line) => (parse(line) as string[][])[0]);
    expect(values.map((row) => row?.at(-1))).toEqual(
      messages.map((message) => message.replace(/[\r\n]+/g, " ").replaceAll("\\", "\\\\")),
    );
    expect(values.map((row) => row?.slice(0, -1).join())).toEqual(
      messages.map(() => "2026-03-09,a@example.fr,1,2,3,hard"),
    );
    const { metadata } = world.archive.files.get(tableKey("nl_bounce", date))!;
    expect(metadata).toEqual({ "original-sha256": (await run())?.sha256, rows: String(messages.length) });
  });

  test.each([
    [
      "an empty line",
      "2026-03-09,a@example.fr,1\n\n2026-03-09,b@example.fr,2\n",
      "2026-03-09,a@example.fr,1\n2026-03-09,b@example.fr,2\n",
    ],
    ["a stray quote", '2026-03-09,a"b@example.fr,1\n', '2026-03-09,"a""b@example.fr",1\n'],
  ])("copes with %s", async (_, rows, expected) => {
    const header = "date,email,email_list_id\n";
    const { run, copy } = await archive(header + rows);
    expect(await run()).toMatchObject({ outcome: "stored" });
    expect(copy()).toBe(header + expected);
  });

  test("equals the original if nothing has to change", async () => {
    const csv = 'date,email,email_list_id\n2026-03-09,"a,""b""",1';
    const { run, copy } = await archive(csv);
    await run();
    expect(copy()).toBe(csv);
  });

  test("is not made of a row that would fill the memory, and the file stays due", async () => {
    const csv = `date,email,email_list_id\n2026-03-09,"${"a\n".repeat(700_000)}",1\n`;
    const { failing, world } = await archive(csv);
    expect((await failing()).file).toMatchObject({ reason: "failed with CSV_MAX_RECORD_SIZE" });
    expect(world.archive.files.get(eventsKey("nl_subscribe", date))?.labels).toEqual({});
  });
});
