import { fc, test as property } from "@fast-check/vitest";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { CsvScanner } from "../../functions/archive-events/csv-scanner.ts";
import { csvDialect } from "../../functions/archive-events/match-columns.ts";

function scan(csv: string | Buffer, chunkBytes = 1 << 20, watched = 1) {
  const rows: { line: number; columns: number; value: string }[] = [];
  const scanner = new CsvScanner({
    onHeader: () => watched,
    onRow: (line, columns, value) => void rows.push({ line, columns, value }),
  });
  const bytes = Buffer.from(csv);
  for (let at = 0; at < bytes.length; at += chunkBytes) scanner.scan(bytes.subarray(at, at + chunkBytes));
  const ending = scanner.end();
  return { records: scanner.records, isPlain: scanner.isPlain, ending, rows };
}

describe("a CSV", () => {
  test.each([
    ["nothing", "", 0, true],
    ["a byte order mark alone", "\ufeff", 0, true],
    ["a header alone", "a,b\n", 1, true],
    ["a last line without a line break", "a,b\n1,2", 2, true],
    ["CR LF", "a,b\r\n1,2\r\n", 2, true],
    ["quoted commas and quotes", 'a,b\n"1,1","say ""so"""\n', 2, true],
    ["an empty quoted value alone", 'a\n""\n', 2, true],
    ["a value that ends after a comma", "a,b\n1,\n", 2, true],
    ["a byte order mark before a quote", '\ufeff"a",b\n1,2\n', 2, true],
    ["a line break within quotes", 'a,b\n"1\n1",2\n', 2, false],
    ["CR LF within quotes", 'a,b\n"1\r\n1",2\n', 2, false],
    ["CR alone within quotes", 'a,b\n"1\r1",2\n', 2, false],
    ["CR alone outside quotes", "a,b\n1\r1,2\n", 2, false],
    ["CR at its end", "a,b\n1,2\r", 2, false],
    ["an empty line", "a,b\n\n1,2\n", 2, false],
    ["an empty line at its end", "a,b\r\n1,2\r\n\r\n", 2, false],
    ["a quote within a value", 'a,b\n1"1,"2\n"\n', 2, false],
    ["a quote after a closed value", 'a,b\n"1"1,2\n', 2, false],
  ])("with %s is counted as a reader sees it", (_, csv, records, isPlain) => {
    for (const chunkBytes of [1, 2, 3, 100]) {
      expect(scan(csv, chunkBytes)).toMatchObject({ records, isPlain });
    }
  });

  test.each([
    ["quotes", 'a,b\n"1'],
    ["quotes", 'a,b\n"1""'],
    ["quotes", 'a,b\n"1,2\n3,4\n'],
    ["lineBreak", "a,b\n"],
    ["lineBreak", "a,b\r\n1,2\r\n"],
    ["lineBreak", 'a,b\n1,"2\n"\n'],
    ["lineBreak", "a,b\n\n"],
    ["record", "a,b\n1,2"],
    ["record", "a,b\n1,"],
    ["record", "a,b\n1,2\r"],
    ["record", 'a,b\n1,"2"'],
    ["record", ""],
    ["record", "\n"],
    ["record", "\ufeff"],
  ])("is said to end with its %s: %j", (ending, csv) => {
    for (const chunkBytes of [1, 2, 100]) expect(scan(csv, chunkBytes).ending).toBe(ending);
  });

  test("has rows that are told by their line, their columns and one of their values", () => {
    const csv = 'a,b\n\n1,"2"\r\n"1\n1","say ""so"""\n1\n1,\n1,2,3';
    for (const chunkBytes of [1, 2, 3, 100]) {
      expect(scan(csv, chunkBytes).rows).toEqual([
        { line: 3, columns: 2, value: "2" },
        { line: 4, columns: 2, value: 'say "so"' },
        { line: 6, columns: 1, value: "" },
        { line: 7, columns: 2, value: "" },
        { line: 8, columns: 3, value: "2" },
      ]);
    }
  });

  test("tells a value that is longer than any time as empty, and the next one as it is", () => {
    const { rows } = scan(`a,b\n1,${"2".repeat(64)}\n1,${"2".repeat(65)}\n1,${"2".repeat(64)}\n1,2\n`);
    expect(rows.map(({ value }) => value.length)).toEqual([64, 0, 64, 1]);
  });

  const pieces = ['"', '""', ",", "\n", "\r\n", "\r", "a", "é", " ", '"b",', '\n"c\n"'];
  const csvs = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(""));

  property.prop([csvs, fc.boolean(), fc.integer({ min: 1, max: 7 })], { numRuns: 2000 })(
    "is counted as csv-parse counts it, however it is cut into chunks",
    (csv, hasMark, chunkBytes) => {
      const text = `${hasMark ? "\ufeff" : ""}${csv}`;
      const { records, ending, isPlain, rows } = scan(text, chunkBytes);
      let expected: string[][] | undefined;
      try {
        expected = parse(Buffer.from(text), csvDialect);
      } catch {
        expected = undefined;
      }
      expect(ending === "quotes").toBe(expected === undefined);
      if (expected === undefined) return;
      expect(records).toBe(expected.length);
      expect(rows.map(({ columns }) => columns)).toEqual(expected.slice(1).map((row) => row.length));
      expect(ending === "lineBreak").toBe(records > 0 && text.endsWith("\n"));
      if (!isPlain) return;
      const seconds = expected.slice(1).map((row) => Buffer.from(row[1] ?? "").toString("latin1"));
      expect(rows.map(({ value }) => value)).toEqual(
        seconds.map((value) => (value.length > 64 ? "" : value)),
      );
      const lines = csv.split(/\r?\n/).slice(0, expected.length);
      const alone = lines.map((line) => (parse(line, { relax_column_count: true }) as string[][])[0]);
      expect(alone).toEqual(expected);
    },
  );
});
