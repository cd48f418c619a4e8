import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { RecordWriter } from "../../../../functions/domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../../functions/domain/records/subscriber-page.ts";
import { HttpFault } from "../../../../functions/platform/http/http-fault.ts";
import type { PageOptions } from "../../../../functions/providers/ownpage/pages/page-rows.ts";
import { packRows } from "../../../../functions/providers/ownpage/pages/page-rows.ts";
import { scanPage } from "../../../../functions/providers/ownpage/pages/page-scanner.ts";
import { brokenPage, oddPage, plainPage } from "./page-json.ts";

const writer = new RecordWriter(16);
const options: PageOptions = {
  columns: ["guid", "data_firstname", "data_lastname"],
  subscribedSince: Date.UTC(2026, 0, 1),
  timeZone: "Europe/Paris",
  offset: 20_000,
};
const runs = { numRuns: 3_000, seed: 20_260_101 };

function referenceOf(bytes: Uint8Array, given = options): SubscriberPage | HttpFault {
  try {
    return packRows(writer, bytes, given);
  } catch (error) {
    if (error instanceof HttpFault) return error;
    throw error;
  }
}

describe("the scanner gives the same records as JSON.parse would", () => {
  property.prop([plainPage], runs)("for every plain page", (page) => {
    const bytes = Buffer.from(page);
    expect(scanPage(writer, bytes, options)).toEqual(referenceOf(bytes));
  });

  property.prop([oddPage], runs)("for an odd page, or none", (page) => {
    const bytes = Buffer.from(page);
    const reference = referenceOf(bytes);
    expect(scanPage(writer, bytes, options) ?? reference).toEqual(reference);
  });

  property.prop([brokenPage], { ...runs, numRuns: 10_000 })("for a broken page, or none", (bytes) => {
    const reference = referenceOf(bytes);
    const scanned = scanPage(writer, bytes, options);
    expect(scanned ?? reference).toEqual(reference);
    if (scanned !== undefined) expect(() => JSON.parse(bytes.toString())).not.toThrow();
  });

  property.prop(
    [plainPage, fc.constantFrom(-1, 0, 1, 1e15).chain((sign) => fc.integer().map((n) => sign * n))],
    runs,
  )("whatever counts as recent", (page, subscribedSince) => {
    const bytes = Buffer.from(page);
    const given = { ...options, subscribedSince };
    expect(scanPage(writer, bytes, given)).toEqual(referenceOf(bytes, given));
  });
});

test("the scanner itself counts rows without an address, so that readers made anonymous do not slow it down", () => {
  const rows = [
    '{"email":null}',
    '{"email":"ana@x.fr"}',
    '{"guid":"1"}',
    '{"email":""}',
    '{"email":1}',
    '{"email":true}',
  ];
  const bytes = Buffer.from(`[${rows.join()}]`);
  const scanned = scanPage(writer, bytes, options);
  expect(scanned).toEqual(referenceOf(bytes));
  expect(scanned?.records.count).toBe(1);
  expect(scanned?.oddRows).toEqual(
    [1, 3, 4, 5, 6].map((row) => ({
      place: `row ${row} of the page at offset 20000`,
      problem: "no address",
    })),
  );
});

describe("the scanner leaves to JSON.parse", () => {
  const row = '{"email":"ana@x.fr"}';
  test.each([
    ["a page of one subscriber", row],
    ["an error", '{"status":400,"cause":"x"}'],
    ["half a page", `[${row},`],
    ["an empty body", ""],
    ["a control character", '[{"email":"a\n"}]'],
    ["an unknown escape", '[{"email":"\\q"}]'],
    ["a second array", `[${row}][${row}]`],
    ["bytes that are not UTF-8", Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])],
  ])("%s, which rejects it", (_name, page) => {
    const bytes = Buffer.from(page);
    expect(scanPage(writer, bytes, options)).toBeUndefined();
    expect(referenceOf(bytes)).toBeInstanceOf(HttpFault);
  });

  test.each([
    ["a nested value", '[{"email":"a","tags":[1,{"b":null}]}]'],
    ["an escaped name", '[{"\\u0065mail":"a"}]'],
    ["a byte-order mark", `\ufeff[${row}]`],
    ["a row that is not an object", `[${row},1]`],
    ["a status of another kind", `[${row},{"email":"a","subscribed":"yes"}]`],
    ["a time that is neither text nor number", `[${row},{"email":"a","unsubscribed_at":false}]`],
  ])("%s, which accepts it", (_name, page) => {
    const bytes = Buffer.from(page);
    expect(scanPage(writer, bytes, options)).toBeUndefined();
    expect(referenceOf(bytes)).toMatchObject({ records: { count: 1 } });
  });

  test("nothing in the writer of a page that it gave up midway", () => {
    const given = Buffer.from(`[${row},{"email":"a","subscribed":1}]`);
    expect(scanPage(writer, given, options)).toBeUndefined();
    expect(writer.count).toBe(0);
  });
});
