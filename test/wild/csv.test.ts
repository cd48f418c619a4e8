import { fc, test as property } from "@fast-check/vitest";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { SourceError } from "../../functions/domain/errors.ts";
import { readCsv, writeCsv } from "../sources/csv/csv-files.ts";
import { failureOf } from "../sources/outcomes.ts";
import { anyAddress, encodings, readersFile, table } from "./csv-arbitraries.ts";
import { readable, utf16be, utf16le } from "./csv-cases.ts";
import { refused } from "./csv-refusals.ts";
import { mutated } from "./mutated-bytes.ts";
import { readChunks, readSubscribers } from "./read-wild.ts";

const encoding = fc.constantFrom(...Object.keys(encodings));
const chunkBytes = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 300_000 }));

describe("a file is read as it was meant", () => {
  test.each(readable)("with %s", async (_, content, rows) => {
    const read = await readCsv(content);
    expect(read.columns).toEqual(["email", "data_a"]);
    expect(read.rows.map(([, ...values]) => values)).toEqual(rows);
  });

  test.each(readable.filter(([, content]) => content.length < 1000))(
    "with %s, however its bytes come",
    async (_, content, rows) => {
      for (const chunkBytes of [1, 2, 3, 7]) {
        const [header, ...read] = await readChunks(Buffer.from(content), { chunkBytes });
        expect([header, read]).toEqual([["email", "data_a"], rows]);
      }
    },
  );

  test.each([
    [
      "utf-16le",
      utf16le("\ufeffemail;data_a\na@x.fr;\u0a0d\u0d0a\u2c22\u220a😀\n"),
      "\u0a0d\u0d0a\u2c22\u220a😀",
    ],
    [
      "utf-16be",
      utf16be("\ufeffemail;data_a\na@x.fr;\u0a0d\u0d0a\u2c22\u220a😀\n"),
      "\u0a0d\u0d0a\u2c22\u220a😀",
    ],
    [
      "windows-1252",
      Buffer.from("email;data_a\na@x.fr;\x81\x8d\xa0\xad\n", "latin1"),
      "\u0081\u008d\u00a0\u00ad",
    ],
    ["shift_jis", Buffer.from("email;data_a\na@x.fr;\x83\x5c\x95\x5c\n", "latin1"), "ソ表"],
    ["iso-2022-jp", Buffer.from('email;data_a\na@x.fr;\x1b$B$"\x1b(B\n', "latin1"), "あ"],
  ])(
    "in %s, whose bytes may look like delimiters, quotes and line breaks",
    async (encoding, content, value) => {
      for (const chunkBytes of [1, 3, 1000]) {
        const rows = await readChunks(content, { chunkBytes, encoding });
        expect(rows).toEqual([
          ["email", "data_a"],
          ["a@x.fr", value],
        ]);
      }
    },
  );

  test("with names in any case and between spaces, a line of nothing, and rows that nobody can be", async () => {
    const content = ` EMail ;Guid; data_Prénom\n a@x.fr ; 7 ; Zoé \n;8;x\n;;\n${"x".repeat(2000)};9;\n`;
    expect(await readSubscribers(writeCsv(content))).toEqual({
      wanted: [{ email: "a@x.fr", subscribed: true, fields: { guid: "7", data_Prénom: " Zoé " } }],
      rejected: ["email is empty", "email is empty", "email is longer than 1000 characters"],
    });
  });

  test("with times of consent that cannot be, and answers that are none, in rows of their own", async () => {
    const times = ["0000-00-00 00:00:00", "2026-02-30", "1735689600", "infinity", ""];
    const rows = times.map((time, index) => `r${index}@x.fr,yes,${time}\n`).join("");
    const content = `email,subscribed,consented_at\n${rows}a@x.fr,maybe,\n`;
    const { wanted, rejected } = await readSubscribers(writeCsv(content));
    expect(wanted.map((subscriber) => subscriber.consentedAt)).toEqual(times.map(() => undefined));
    expect(rejected).toEqual([expect.stringMatching(/^subscribed: expected true/)]);
  });

  test("with columns that prototypes have, which are fields like others", async () => {
    const content = "email,data___proto__,data_constructor\na@x.fr,1,2\n";
    const { wanted } = await readSubscribers(writeCsv(content));
    expect(wanted[0]?.fields).toEqual({ data___proto__: "1", data_constructor: "2" });
  });
});

describe("a file is refused, by its line or its column and without an address,", () => {
  test.for(refused)("with %s", async ([, content, message, encoding]) => {
    const error = await failureOf(readSubscribers(writeCsv(content), encoding));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.name).toBe("SourceError");
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/@x\.fr/);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe("whatever rows were written", () => {
  property.prop([table, encoding, chunkBytes], { numRuns: 25 })(
    "are read, however their bytes come",
    async ({ values, texts }, encoding, chunkBytes) => {
      const bytes = encodings[encoding]!(texts.join(""));
      expect(await readChunks(bytes, { chunkBytes, encoding })).toEqual(values);
    },
  );

  property.prop([table, encoding], { numRuns: 25 })(
    "are read from a file, each with its line",
    async ({ values, texts }, encoding) => {
      let line = 1;
      const lines = texts.map((text) => {
        const first = line;
        line += text.split("\n").length - 1;
        return `line ${first}`;
      });
      const { columns, rows } = await readCsv(encodings[encoding]!(texts.join("")), encoding);
      expect([columns, ...rows.map(([, ...row]) => row)]).toEqual(values);
      expect(rows.map(([place]) => place)).toEqual(lines.slice(1));
    },
  );

  property.prop([table, fc.array(fc.nat(), { minLength: 8, maxLength: 8 })], { numRuns: 10 })(
    "are never fewer without an error, save where the file ends with a whole row",
    async ({ values, texts }, places) => {
      const bytes = Buffer.from(texts.join(""));
      let end = 0;
      const ends = texts.map((text) => (end += Buffer.byteLength(text)));
      const cuts = [...places.map((place) => place % end), end - 1, end - 2, end - 3, ends.at(-2)!];
      for (const cut of cuts) {
        const read = await outcomeOf(readCsv(bytes.subarray(0, cut)));
        if (read instanceof SourceError) continue;
        expect(ends).toContain(cut);
        const whole = values.slice(0, ends.indexOf(cut) + 1);
        expect([read.columns, ...read.rows.map(([, ...row]) => row)]).toEqual(whole);
      }
    },
  );
});

describe("a file that was damaged is read, or refused without an address", () => {
  const damaged = mutated(readersFile.map((text) => Buffer.from(text)));
  property.prop([damaged], { numRuns: 200 })("whatever the damage", async (bytes) => {
    const read = await outcomeOf(readSubscribers(writeCsv(bytes)));
    if (read instanceof SourceError) expect(read.message).not.toMatch(anyAddress);
  });

  property.prop([damaged, fc.constantFrom("utf-16le", "utf-16be", "windows-1252", "shift_jis", "gb18030")], {
    numRuns: 100,
  })("whatever the encoding that it is read by", async (bytes, encoding) => {
    const read = await outcomeOf(readSubscribers(writeCsv(bytes), encoding));
    if (read instanceof SourceError) expect(read.message).not.toMatch(anyAddress);
  });

  property.prop([damaged, fc.integer({ min: 1, max: 9 })], { numRuns: 300 })(
    "and of what it holds nothing depends on how its bytes come",
    async (bytes, chunkBytes) => {
      const whole = await outcomeOf(readChunks(bytes, { chunkBytes: bytes.length || 1 }));
      expect(await outcomeOf(readChunks(bytes, { chunkBytes }))).toEqual(whole);
    },
  );

  property.prop([damaged], { numRuns: 500 })(
    "and what is read of it is what a parser reads of the whole",
    async (bytes) => {
      const read = await outcomeOf(readChunks(bytes, { chunkBytes: 7 }));
      if (read instanceof SourceError) return;
      expect([",", ";", "\t"].map((delimiter) => parsed(bytes, delimiter))).toContainEqual(read);
    },
  );

  property.prop([fc.uint8Array({ maxLength: 300 }), encoding], { numRuns: 100 })(
    "of any bytes",
    async (bytes, encoding) => {
      await outcomeOf(readSubscribers(writeCsv(bytes), encoding));
    },
  );

  property.prop(
    [fc.array(fc.constantFrom('"', "\n", "\r", ",", "email", "a@example.fr")).map((parts) => parts.join(""))],
    { numRuns: 500 },
  )("of a CSV's signs in any order, each row as wide as the header", async (text) => {
    const read = await outcomeOf(readChunks(Buffer.from(text), { chunkBytes: 100 }));
    if (read instanceof SourceError) expect(read.message).not.toMatch(anyAddress);
    else for (const row of read) expect(row).toHaveLength(read[0]!.length);
  });
});

/** The rows without the empty lines; undefined when the parser takes them for none. */
function parsed(bytes: Buffer, delimiter: string): string[][] | undefined {
  try {
    const rows: string[][] = parse(bytes, {
      bom: true,
      delimiter,
      record_delimiter: ["\r\n", "\n"],
      relax_column_count: true,
    });
    return rows.filter((row) => row.length > 1 || row[0] !== "");
  } catch {
    return undefined;
  }
}

/** What was read, or why it was not; anything that is no SourceError is thrown on. */
async function outcomeOf<T>(reading: Promise<T>): Promise<T | SourceError> {
  return await reading.catch((error: unknown) => {
    if (error instanceof SourceError && error.name === "SourceError") return error;
    throw error;
  });
}
