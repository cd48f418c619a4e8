import { fc, test as property } from "@fast-check/vitest";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { type CsvEnding, CsvScanner } from "../../functions/archive-events/csv-scanner.ts";
import { csvDialect, matchColumns } from "../../functions/archive-events/match-columns.ts";
import { eventColumns, eventNames } from "../../functions/providers/event-columns.ts";
import { anyAddress, readersFile } from "./csv-arbitraries.ts";
import { mutated } from "./mutated-bytes.ts";
import { within } from "./time-limit.ts";

function scan(bytes: Uint8Array, chunkBytes = bytes.length || 1) {
  const scanner = new CsvScanner();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    scanner.scan(Buffer.from(bytes.subarray(at, at + chunkBytes)));
  }
  const ending: CsvEnding = scanner.end();
  return { records: scanner.records, isPlain: scanner.isPlain, ending };
}

const header = "date,email,email_list_id";
const eventsFile = readersFile.map((text) => Buffer.from(`${header}\n${text}`));
const utf16Mark = Buffer.from("\ufeff", "utf16le");
const anyBytes = fc
  .oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    mutated(eventsFile),
  )
  .filter((bytes) => !bytes.subarray(0, 2).equals(utf16Mark));
const event = fc.constantFrom(...eventNames);

describe("a CSV of events", () => {
  property.prop([anyBytes, fc.integer({ min: 1, max: 9 })], { numRuns: 500 })(
    "of any bytes has as many rows as its parser finds, whatever its chunks",
    (bytes, chunkBytes) => {
      const scanned = scan(bytes);
      expect(scan(bytes, chunkBytes)).toEqual(scanned);
      const read = () => parse(bytes, csvDialect) as string[][];
      if (scanned.ending === "quotes") expect(read).toThrow(/quote/i);
      else expect(read()).toHaveLength(scanned.records);
    },
  );

  property.prop([anyBytes, event], { numRuns: 500 })(
    "of any bytes has its columns, or a problem that quotes nothing",
    (bytes, event) => {
      const matched = matchColumns(event, bytes);
      if ("problem" in matched) {
        expect(matched.problem).toMatch(
          /^(has no header|lacks the columns? [a-z_, ]+|has the column [a-z_]+ more than once)$/,
        );
      } else {
        expect(matched.unknown.join()).not.toMatch(anyAddress);
        expect(matched.table.slice(0, eventColumns[event].length)).toEqual(eventColumns[event]);
        expect(matched.positions).toHaveLength(matched.table.length);
      }
    },
  );

  test.each([
    ["UTF-16", Buffer.from(`\ufeff${header}\n2026-03-09,a@example.fr,1\n`, "utf16le")],
    ["UTF-16 of the other byte order", Buffer.from(`\ufeff${header}\n`, "utf16le").swap16()],
    ["UTF-16 without a mark", Buffer.from(`${header}\n2026-03-09,a@example.fr,1\n`, "utf16le")],
    ["semicolons", Buffer.from(`${header.replaceAll(",", ";")}\n`)],
    ["a header in quotes that do not end", Buffer.from(`"${header}\n`)],
  ])("in %s has no header", (_, bytes) => {
    expect(matchColumns("nl_subscribe", bytes)).toEqual({ problem: "has no header" });
  });

  test.each(["\n", "\r", "\r\n", '"', '""', ",", '"\n', '",', '\r"', "\\", "é", "\0", "a", '"a"\r\n'])(
    "of megabytes of %j is quickly scanned, and so is its header",
    (part) => {
      const bytes = Buffer.alloc(4_000_000, part);
      const scanned = within(3000, () => scan(bytes, 65_536));
      expect(scanned.records).toBeLessThanOrEqual(bytes.length);
      expect(within(3000, () => matchColumns("nl_click", bytes.subarray(0, 65_536)))).toHaveProperty(
        "problem",
      );
    },
  );
});
