import { describe, expect, test } from "vitest";
import type { StreamedBody } from "../../functions/platform/http/http-stream.ts";
import { ArchiveWorld, key, name, named } from "./archive-world.ts";
import { bodyOf } from "./in-memory-event-files.ts";

/**
 * A file is whole if each row has as many columns as the header and a time of the file's day, and the last one ends with
 * a line break or with the length that was announced. Any other file is refused and kept aside.
 */
const header = "date,email,email_list_id\n";
const rows = "2026-03-09 10:00:00,lea@example.fr,1\n2026-03-09 10:00:01,jean@example.fr,123\n";
const whole = header + rows;

/** Like a chunked body. */
const ofUnknownLength = (csv: string): StreamedBody => ({ ...bodyOf(csv), expectedBytes: undefined });

function sending(body: StreamedBody): ArchiveWorld {
  const world = new ArchiveWorld();
  world.provider.bodies.set(name, [body]);
  return world;
}

describe("a file that arrives as it was announced, and is not whole, is refused at once and kept aside:", () => {
  test.each([
    ["cut inside its last address", whole.slice(0, -17), "line 3 has 2 columns, where the header has 3"],
    ["cut inside its last time", whole.slice(0, -34), "line 3 has 1 column, where the header has 3"],
    ["cut inside its header", "date,email,email_l", "lacks the column email_list_id"],
    [
      "ended by a PHP error",
      `${whole}<br />\n<b>Fatal error</b>: Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes), jean@example.fr\n`,
      "line 4 has 1 column, where the header has 3",
    ],
    [
      "ended by a PHP error on the row that it cut",
      `${whole.slice(0, -17)}Fatal error: Allowed memory size of 134217728 bytes exhausted`,
      "line 3 has 2 columns, where the header has 3",
    ],
    [
      "ended by a message with as many commas as a row",
      `${whole}Fatal error, jean@example.fr, 3\n`,
      "line 4 has no time that can be read in the column date",
    ],
    ["ended by a page of HTML", `${whole}<!doctype html>\n`, "line 4 has 1 column, where the header has 3"],
    ["ended by an error's JSON", `${whole}{"status":500}\n`, "line 4 has 1 column, where the header has 3"],
    ["begun by a PHP warning", `<b>Warning</b>: date()\n${whole}`, "has no header"],
    ["sent twice over", whole + whole, "line 4 has no time that can be read in the column date"],
    [
      "with a row in its midst that has lost its end",
      `${header}2026-03-09 10:00:00,jean@exam\n${rows}`,
      "line 2 has 2 columns, where the header has 3",
    ],
    [
      "with an unquoted comma in a value",
      `${header}2026-03-09 10:00:00,jean,dupont@example.fr,1\n`,
      "line 2 has 4 columns, where the header has 3",
    ],
    [
      "with a bad row below an empty line and a quoted line break",
      `${header}\n2026-03-09,"a\nb",1\nx\n`,
      "line 5 has 1 column, where the header has 3",
    ],
    [
      "of another day",
      whole.replaceAll("03-09", "03-08"),
      "line 2 has a time of another day in the column date",
    ],
    [
      "with one row of another day",
      whole.replace("2026-03-09 10:00:01", "2026-03-10 10:00:01"),
      "line 3 has a time of another day in the column date",
    ],
    [
      "without a time",
      whole.replace("2026-03-09 10:00:01", ""),
      "line 3 has no time that can be read in the column date",
    ],
    [
      "with an endless time",
      whole.replace("2026-03-09 10:00:01", `2026-03-09 10:00:01.${"0".repeat(100)}`),
      "line 3 has no time that can be read in the column date",
    ],
  ])("one %s", async (_, csv, reason) => {
    const world = sending(bodyOf(csv));
    const { error, report } = await world.failing(named);
    expect(report.files).toMatchObject([{ outcome: "failed", reason }]);
    expect(error.message).toBe(`1 of 1 files were not archived: nl_subscribe of 2026-03-09 ${reason}`);
    expect(world.provider.opened).toEqual([name]);
    const [keptAside = ""] = world.keys();
    expect(world.keys()).toEqual([report.files[0]?.keptAside]);
    expect(keptAside).toMatch(/^refused\//);
    expect(world.archive.textOf(keptAside)).toBe(csv);
    const { metadata } = world.archive.files.get(keptAside)!;
    expect(error.message + JSON.stringify([report, metadata])).not.toMatch(/jean|Fatal|lea@/);
  });

  test("one of unknown length that ends without a line break", async () => {
    const world = sending(ofUnknownLength(whole.slice(0, -2)));
    const { report } = await world.failing(named);
    const reason = "line 3 ends the file without a line break, and no length was announced";
    expect(report.files).toMatchObject([
      { outcome: "failed", reason, keptAside: expect.stringMatching(/^refused\//) },
    ]);
    expect(world.keys("events/")).toEqual([]);
  });
});

test("a stored file stays when one that is not whole comes, longer or not", async () => {
  const world = sending(bodyOf(whole));
  await world.run(named);
  for (const csv of [`${whole}<b>Fatal error</b>\n`, whole.slice(0, -20)]) {
    world.provider.bodies.set(name, [bodyOf(csv)]);
    expect((await world.failing(named)).report.missing).toBe(0);
    expect(world.archive.textOf(key)).toBe(whole);
  }
});

describe("a file is whole", () => {
  test.each([
    ["that ends without a line break, at the length that was announced", bodyOf(whole.trimEnd())],
    ["of unknown length that ends with a row", ofUnknownLength(whole)],
    ["with quoted values and CR LF", bodyOf(`${header}"2026-03-09 10:00:00","a,b",1\r\n`)],
    ["with an empty line at its end", bodyOf(`${whole}\n`)],
    ["whose rows are not sorted", bodyOf(`${header}2026-03-09 23:00:00,a,1\n2026-03-09 01:00:00,b,1\n`)],
  ])("%s", async (_, body) => {
    expect((await sending(body).run(named)).files).toMatchObject([{ outcome: "stored" }]);
  });

  test("with its times in any column", async () => {
    const csv = "email_list_id,email,date\n1,a@example.fr,2026-03-09 10:00:00\n";
    expect((await sending(bodyOf(csv)).run(named)).files).toMatchObject([{ outcome: "stored" }]);
    const other = sending(bodyOf(csv.replace("03-09", "03-05")));
    expect((await other.failing(named)).report.files).toMatchObject([
      { reason: "line 2 has a time of another day in the column date" },
    ]);
  });
});
