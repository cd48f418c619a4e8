import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { fc, test as property } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCsv } from "../../functions/sources/csv.ts";
import { readAll } from "../support/read-source.ts";

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-csv-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const s3 = new S3Client({ region: "eu-west-3" });

function open(uri: string, { encoding = "utf-8", signal = new AbortController().signal } = {}) {
  return openCsv({ kind: "csv", uri, encoding }, { s3, signal });
}

function file(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, content);
  return pathToFileURL(path).href;
}

async function read(content: string | Uint8Array, encoding?: string) {
  const source = await open(file(content), encoding === undefined ? {} : { encoding });
  return { columns: source.columns, rows: await readAll(source) };
}

const latin1 = (text: string) => Buffer.from(text, "latin1");
const manyRows = (row: (index: number) => string, count = 40_000) =>
  Array.from({ length: count }, (_, index) => row(index));

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
    expect(await read(content)).toEqual({
      columns: ["email", "guid"],
      rows: [["line 2", "a@example.fr", "1"]],
    });
  });

  test("with the delimiter that the header has outside quotes", async () => {
    const { columns } = await read('email;"data_a,b,c,d";guid\na@example.fr;;1\n');
    expect(columns).toEqual(["email", "data_a,b,c,d", "guid"]);
  });

  test("with quotes, delimiters and line breaks in quoted values, and each row has its line in the file", async () => {
    const content =
      'email,data_a\r\na@example.fr,"x, ""y"""\r\nb@example.fr,"1\r\n2\n3"\r\n\r\nc@example.fr,""\r\n';
    expect((await read(content)).rows).toEqual([
      ["line 2", "a@example.fr", 'x, "y"'],
      ["line 3", "b@example.fr", "1\r\n2\n3"],
      ["line 7", "c@example.fr", ""],
    ]);
  });

  test("without the lines that are wholly empty, but with those that only look so", async () => {
    expect(await read("\r\n\nemail;guid\n\na@example.fr;1\n;\n\n")).toEqual({
      columns: ["email", "guid"],
      rows: [
        ["line 5", "a@example.fr", "1"],
        ["line 6", "", ""],
      ],
    });
    expect((await read("email\n \n\n")).rows).toEqual([["line 2", " "]]);
  });

  test.each([
    ["windows-1252", latin1("email;data_a\r\na@example.fr;\x80 \x9cuvre\r\n"), "€ œuvre"],
    ["iso-8859-1", latin1("email;data_a\na@example.fr;Zo\xe9\n"), "Zoé"],
    ["macintosh", latin1("email;data_a\na@example.fr;Zo\x8e\n"), "Zoé"],
    ["utf-16le", Buffer.from("\ufeffemail;data_a\na@example.fr;Zoé 😀\n", "utf16le"), "Zoé 😀"],
    ["UTF8", Buffer.from("email;data_a\na@example.fr;Zoé \ufffd\n"), "Zoé \ufffd"],
  ])("in %s", async (encoding, content, expected) => {
    expect((await read(content, encoding)).rows).toEqual([["line 2", "a@example.fr", expected]]);
  });

  test.each([["utf-8"], ["utf-16le"]] as const)("in %s over many chunks", async (encoding) => {
    const rows = manyRows((index) => `r${index}@example.fr;Zoé 😀 ${index}`);
    const content = Buffer.from(
      `email;data_a\n${rows.join("\n")}\n`,
      encoding === "utf-8" ? "utf8" : "utf16le",
    );
    const read_ = (await read(content, encoding)).rows;
    expect(read_.map(([, ...values]) => values.join(";"))).toEqual(rows);
    expect(read_.at(-1)?.[0]).toBe("line 40001");
  });

  test("as of its last modification", async () => {
    const uri = file("email\na@example.fr\n");
    utimesSync(new URL(uri), 1_700_000_000, 1_700_000_000.25);
    const source = await open(uri);
    expect(source.readAt).toBe(1_700_000_000_250);
    await source.close();
  });

  const value = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", ";", "\n", "\r\n", " ", "😀") });
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) =>
      fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 20 }),
    );
  property.prop([table, fc.constantFrom(",", ";", "\t"), fc.constantFrom("\n", "\r\n")])(
    "as it was written, whatever its values hold",
    async (rows, delimiter, lineBreak) => {
      const quoted = (text: string) => (/["\n,;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      const header = rows[0]!.map((_, index) => `data_${index}`);
      const written = [header, ...rows].map((row) => row.map(quoted).join(delimiter) + lineBreak).join("");
      const result = await read(written);
      expect(result.columns).toEqual(header);
      expect(result.rows.map(([, ...values]) => values)).toEqual(rows);
      for (const [place, first] of result.rows) {
        const line = written.split("\n")[Number(place.slice("line ".length)) - 1] ?? "";
        expect(line.startsWith(quoted(first ?? "").split("\n")[0] ?? "")).toBe(true);
      }
    },
  );
});

describe("a file is refused", () => {
  const uriPattern = /^source, file:.*\.csv: /;
  test.each([
    ["that is empty", "", /csv: holds no rows, not even a header$/],
    ["of blank lines", "\r\n\r\n", /csv: holds no rows, not even a header$/],
    ["with a header only", "email,guid\n\n", /csv: holds no rows, only a header$/],
  ])("%s", async (_, content, message) => {
    const error = await failure(content);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(uriPattern);
  });

  test.each([
    [
      "too few columns",
      "email,guid\na@example.fr,1\n\nb@example.fr\n",
      "line 4: has 1 columns, but the header has 2",
    ],
    [
      "too many columns",
      'email,guid\n"a\n@example.fr",1\nb@example.fr,2,\n',
      "line 4: has 3 columns, but the header has 2",
    ],
    [
      "a quote that is not closed",
      'email,guid\na@example.fr,1\nb@example.fr,"2\nc@example.fr,3\n',
      "line 3: a quote is opened in this row and not closed",
    ],
    [
      "a quote within a value",
      'email,guid\n"a\r\n@example.fr",1\nb@example.fr,2 "x"\n',
      /^source, line 4: a quote is out of place in this row/,
    ],
    [
      "text after a quoted value",
      'email,guid\n"a@example.fr"x,1\n',
      /^source, line 2: a quote is out of place in this row/,
    ],
    [
      "a last line without a line break",
      "email,guid\na@example.fr,1\nb@example.fr,2",
      /^source, line 3: the last line has no line break at its end/,
    ],
    [
      "a last quoted value without a line break",
      'email,guid\na@example.fr,1\nb@example.fr,"2\n3"',
      /^source, line 3: the last line has no line break at its end/,
    ],
  ])("with %s, by its line", async (_, content, message) => {
    expect((await failure(content)).message).toMatch(message);
  });

  test("with a byte that is not of its encoding, by its line", async () => {
    const row = (index: number) => `r${index}@example.fr;Ren${index === 30_000 ? "\xe9e" : "ee"}`;
    const content = latin1(`email;data_a\n${manyRows(row).join("\n")}\n`);
    expect((await failure(content)).message).toBe(
      "source, line 30002: holds a byte that is not utf-8: does the file have another encoding?",
    );
  });

  test("with a pair of bytes that is not of its encoding, by its line", async () => {
    const content = Buffer.from("email\na@example.fr\nb\ud800@example.fr\n", "utf16le");
    expect((await failure(content, "utf-16le")).message).toMatch(
      /^source, line 3: holds a byte that is not utf-16le/,
    );
  });

  test("whose quote is not closed for more than a megabyte", async () => {
    // So that the reading breaks off within a character.
    const content = `email;data_a\na@example.fr;"${"é".repeat(1_000_000)}\n`;
    expect((await failure(content)).message).toBe(
      "source, line 2: a quote is opened in this row and not closed",
    );
  });

  test("with a row of more than a megabyte", async () => {
    const content = `email;data_a\na@example.fr;${"x".repeat(2_000_000)}\n`;
    expect((await failure(content)).message).toBe(
      "source, line 2: a row of more than 1048576 bytes begins here",
    );
  });

  test("without showing a value", async () => {
    const contents = [
      "email,guid\njane@example.fr\n",
      'email,guid\njane"x"@example.fr,1\n',
      'email,guid\n"jane@example.fr,1\n',
    ];
    for (const content of contents) {
      const error = await failure(content);
      expect(error.message).not.toContain("jane");
      expect(error.cause).toBeUndefined();
    }
  });

  test("that is not there", async () => {
    await expect(open("file:///nowhere/readers.csv")).rejects.toThrow(
      "source, file:///nowhere/readers.csv: it can not be read: there is no such file",
    );
  });

  test("that is a folder", async () => {
    const uri = pathToFileURL(folder).href;
    await expect(open(uri)).rejects.toThrow(`source, ${uri}: 0 of its`);
  });
});

describe("aborting", () => {
  test("ends the reading with the reason", async () => {
    const abort = new AbortController();
    const source = await open(
      file(`email\n${manyRows((index) => `r${index}@example.fr`).join("\n")}\n`),
      abort,
    );
    const reading = (async () => {
      for await (const _ of source.batches()) abort.abort(new Error("time is up"));
    })();
    await expect(reading).rejects.toThrow("time is up");
    await source.close();
  });

  test("before the opening opens nothing", async () => {
    await expect(
      open(file("email\na\n"), { signal: AbortSignal.abort(new Error("too late")) }),
    ).rejects.toThrow("too late");
  });
});

test("a source that is closed midway is not read on", async () => {
  const source = await open(file(`email\n${manyRows((index) => `r${index}@example.fr`).join("\n")}\n`));
  const reading = (async () => {
    for await (const _ of source.batches()) await source.close();
  })();
  await expect(reading).rejects.toThrow(/abort/);
});

async function failure(content: string | Uint8Array, encoding?: string): Promise<Error> {
  const error = await read(content, encoding).then(
    () => new Error("it was read"),
    (reason: Error) => reason,
  );
  expect(error.name).toBe("SourceError");
  return error;
}
