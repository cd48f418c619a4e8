import { utimesSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../functions/platform/clock.ts";
import { failureOf } from "../outcomes.ts";
import { latin1, manyRows, openUri, readCsv, writeCsv } from "./csv-files.ts";

describe("a file is read", () => {
  test.each([
    ["comma", "email,guid\na@example.fr,1\n"],
    ["semicolon", "email;guid\na@example.fr;1\n"],
    ["tab", "email\tguid\na@example.fr\t1\n"],
    ["CR LF", "email,guid\r\na@example.fr,1\r\n"],
    ["a byte order mark", "\ufeffemail,guid\na@example.fr,1\n"],
    ["a byte order mark before a quote", '\ufeff"email","guid"\n"a@example.fr","1"\n'],
    ["quotes", '"email","guid"\r\n"a@example.fr","1"\r\n'],
    ["other delimiters in a quoted column", 'email;guid\n"a@example.fr";1\n'],
  ])("with %s", async (_, content) => {
    expect(await readCsv(content)).toEqual({
      columns: ["email", "guid"],
      rows: [["line 2", "a@example.fr", "1"]],
    });
  });

  test("with the delimiter that the header has outside quotes", async () => {
    const { columns } = await readCsv('email;"data_a,b,c,d";guid\na@example.fr;;1\n');
    expect(columns).toEqual(["email", "data_a,b,c,d", "guid"]);
  });

  test("with quotes, delimiters and line breaks in quoted values, and each row has its line in the file", async () => {
    const content =
      'email,data_a\r\na@example.fr,"x, ""y"""\r\nb@example.fr,"1\r\n2\n3"\r\n\r\nc@example.fr,""\r\n';
    expect((await readCsv(content)).rows).toEqual([
      ["line 2", "a@example.fr", 'x, "y"'],
      ["line 3", "b@example.fr", "1\r\n2\n3"],
      ["line 7", "c@example.fr", ""],
    ]);
  });

  test("without the lines that are wholly empty, but with those that only look so", async () => {
    expect(await readCsv("\r\n\nemail;guid\n\na@example.fr;1\n;\n\n")).toEqual({
      columns: ["email", "guid"],
      rows: [
        ["line 5", "a@example.fr", "1"],
        ["line 6", "", ""],
      ],
    });
    expect((await readCsv("email\n \n\n")).rows).toEqual([["line 2", " "]]);
  });

  test.each([
    ["windows-1252", latin1("email;data_a\r\na@example.fr;\x80 \x9cuvre\r\n"), "€ œuvre"],
    ["iso-8859-1", latin1("email;data_a\na@example.fr;Zo\xe9\n"), "Zoé"],
    ["macintosh", latin1("email;data_a\na@example.fr;Zo\x8e\n"), "Zoé"],
    ["utf-16le", Buffer.from("\ufeffemail;data_a\na@example.fr;Zoé 😀\n", "utf16le"), "Zoé 😀"],
    ["UTF8", Buffer.from("email;data_a\na@example.fr;Zoé \ufffd\n"), "Zoé \ufffd"],
  ])("in %s", async (encoding, content, expected) => {
    expect((await readCsv(content, encoding)).rows).toEqual([["line 2", "a@example.fr", expected]]);
  });

  test.each([
    ["nothing but ASCII", "windows-1252", "email;data_a\na@example.fr;Zoe\n", "Zoe"],
    ["what UTF-8 might be in one place", "windows-1252", "email;data_a\na@example.fr;CAF\xc9\xbb\n", "CAFÉ»"],
    [
      "what UTF-8 might be beside what it is not",
      "iso-8859-1",
      "email;data_a\na@example.fr;Ã©, Zoé\n",
      "Ã©, Zoé",
    ],
  ])("in a one-byte encoding, with %s", async (_, encoding, content, expected) => {
    expect((await readCsv(latin1(content), encoding)).rows).toEqual([["line 2", "a@example.fr", expected]]);
  });

  test("while it is younger than the list allows", async () => {
    const uri = writeCsv("email\na@example.fr\n");
    utimesSync(new URL(uri), 0, 0);
    const at = (hours: number) => ({ ...systemClock, now: () => hours * 3_600_000 });
    await (await openUri(uri, { maxAgeHours: 192, clock: at(191.9) })).close();
    const { name, message } = await failureOf(openUri(uri, { maxAgeHours: 192, clock: at(192) }));
    expect(name).toBe("SourceError");
    expect(message).toBe(
      `source, ${uri}: it was written on 1970-01-01T00:00:00.000Z, 192 hours ago. ` +
        'Export it anew, or raise "maxAgeHours" of the list\'s source, which is 192',
    );
  });

  test.each([["utf-8"], ["utf-16le"]] as const)("in %s over many chunks", async (encoding) => {
    const content = manyRows("email;data_a", (index) => `r${index}@example.fr;Zoé 😀 ${index}`);
    const { columns, rows } = await readCsv(Buffer.from(content, encoding), encoding);
    const values = rows.map(([, ...texts]) => `${texts.join(";")}\n`);
    expect([`${columns.join(";")}\n`, ...values].join("")).toBe(content);
    expect(rows.at(-1)?.[0]).toBe("line 40001");
  });

  test("as of its last modification", async () => {
    const uri = writeCsv("email\na@example.fr\n");
    utimesSync(new URL(uri), 1_700_000_000, 1_700_000_000.25);
    const source = await openUri(uri, { maxAgeHours: Number.POSITIVE_INFINITY });
    expect(source.readAt).toBe(1_700_000_000_250);
    await source.close();
  });
});
