import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { RecordWriter } from "../../functions/domain/records/record-writer.ts";
import type { SubscriberPage } from "../../functions/domain/records/subscriber-page.ts";
import { unpackCurrent } from "../../functions/domain/records/unpack-subscriber.ts";
import { HttpFault } from "../../functions/platform/http/http-fault.ts";
import { packPage } from "../../functions/providers/ownpage/pages/pack-page.ts";
import { packRows } from "../../functions/providers/ownpage/pages/page-rows.ts";
import { oddPage, plainPage } from "../providers/ownpage/pages/page-json.ts";
import { mutated } from "./mutated-bytes.ts";
import { nestedJson, wildField, wildPage } from "./wild-json.ts";

const columns = ["guid", "data_firstname"];
const options = { columns, subscribedSince: Date.UTC(2026, 0, 1), timeZone: "Europe/Paris", offset: 0 };
const writer = new RecordWriter(16);

/** The packed page, or its HttpFault, which leaves nothing in the writer. Other errors are rethrown. */
function outcomeOf(bytes: Uint8Array, pack = packPage): SubscriberPage | string {
  try {
    return pack(writer, bytes, options);
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    expect(writer.count).toBe(0);
    return `${error.name}: ${error.message}`;
  }
}

function rowsOf(json: string) {
  const page = outcomeOf(Buffer.from(json));
  if (typeof page === "string") return page;
  if (page.oddRows.length > 0) return page.oddRows.map(({ problem }) => problem).join();
  expect(page.records.count).toBe(1);
  return unpackCurrent(page.records.bytes, 0, columns);
}

describe("a page is packed as JSON.parse would read it, or is a fault,", () => {
  const good = fc.oneof(plainPage, oddPage, wildPage);

  property.prop([good], { numRuns: 500 })("whatever its values", (page) => {
    const bytes = Buffer.from(page);
    expect(outcomeOf(bytes)).toEqual(outcomeOf(bytes, packRows));
  });

  property.prop([mutated(good.map((page) => Buffer.from(page)))], { numRuns: 1000 })(
    "however its bytes were mutated",
    (bytes) => {
      expect(outcomeOf(bytes)).toEqual(outcomeOf(bytes, packRows));
    },
  );

  property.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 1000 })("whatever its bytes", (bytes) => {
    expect(outcomeOf(bytes)).toEqual(outcomeOf(bytes, packRows));
  });

  property.prop([wildField, fc.nat(3)], { numRuns: 1000 })(
    "whose message holds none of its values",
    (field, after) => {
      const row = `{"email":"reader7@example.fr"}`;
      const page = `[${row},${`${row},`.repeat(after)}{"reader8@example.fr":1,${field}}]`;
      const outcome = outcomeOf(Buffer.from(page));
      const told = typeof outcome === "string" ? outcome : JSON.stringify(outcome.oddRows);
      expect(told).not.toMatch(/reader|example/);
    },
  );
});

property.prop([fc.oneof(plainPage, wildPage), fc.nat()], { numRuns: 1000 })(
  "a page that was cut short is always a fault",
  (page, place) => {
    const bytes = Buffer.from(page.trimEnd());
    expect(outcomeOf(bytes.subarray(0, place % bytes.length))).toMatch(/^(HttpFault|WrongShapeFault): /);
  },
);

describe("in a row", () => {
  test.each([
    ["names", '"email":"a","email":"b"'],
    ["names, one escaped", '"email":"a","\\u0065mail":"b"'],
    ["names, of other kinds", '"email":1,"email":null,"email":"b"'],
  ])("the last of two equal %s counts", (_, fields) => {
    expect(rowsOf(`[{${fields}}]`)).toMatchObject({ email: "b" });
  });

  test("a field with the name of an inherited one is a field", () => {
    const fields = '"__proto__":{"guid":"x","subscribed":false},"constructor":"y","toString":1';
    expect(rowsOf(`[{"email":"a",${fields}}]`)).toMatchObject({ subscribed: true, fields: { guid: "" } });
  });

  test.each([
    ["-0", "-0"],
    ["1e999", "1e999"],
    ["1e-999", "1e-999"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["9".repeat(50), "9".repeat(50)],
    ["0.1000", "0.1000"],
  ])("a number keeps its digits: %s", (json, text) => {
    expect(rowsOf(`[{"email":"a","guid":${json}}]`)).toMatchObject({ fields: { guid: text } });
  });

  test("half a character becomes the replacement character, in an address and in a field", () => {
    expect(rowsOf('[{"email":"a\\ud800@x.fr","guid":"\\udc00\\ud83d\\ude00"}]')).toMatchObject({
      email: "a\ufffd@x.fr",
      fields: { guid: "\ufffd😀" },
    });
  });

  test.each([
    "0000-00-00 00:00:00",
    "9999-99-99",
    "2018-02-15T25:61:61Z",
    "2018-02-15T00:00:00+99:99",
    "-271821-04-20T00:00:00Z",
    "+275760-09-13T00:00:00Z",
    `2018-02-15T00:00:00+${"0".repeat(50)}`,
    "٢٠١٨-٠٢-١٥",
    "2018-02-15\u0000",
  ])("an invalid unsubscription time is unknown, and the reader is unsubscribed: %j", (unsubscribed_at) => {
    const row = rowsOf(JSON.stringify([{ email: "a", unsubscribed_at }]));
    expect(row).toMatchObject({ subscribed: false, cause: "UNKNOWN" });
    expect(row).not.toHaveProperty("unsubscribedAt");
  });
});

describe("deep nesting", () => {
  const depths = [100, 10_000, 200_000];
  test.each(depths)("is accepted where nothing is read of it: %d", (depth) => {
    expect(rowsOf(`[{"email":"a","tags":${nestedJson(depth)}}]`)).toMatchObject({ email: "a" });
  });

  test.each(depths)("is a fault where a page is expected: %d", (depth) => {
    expect(rowsOf(nestedJson(depth))).toMatch(/Fault: a body |^no address$/);
    expect(outcomeOf(Buffer.from("[".repeat(depth)))).toBe("HttpFault: a body that is not JSON");
  });

  test.each(depths)("makes a row odd where an address or a cause is expected: %d", (depth) => {
    expect(rowsOf(`[{"email":${nestedJson(depth)}}]`)).toBe("no address");
    for (const name of ["unsubscribed_cause", "subscribed_at"]) {
      expect(rowsOf(`[{"email":"a","${name}":${nestedJson(depth)}}]`)).toBe(`unreadable ${name}`);
    }
  });

  test.each(depths)("is kept as the text of a field, or makes its row odd: %d", (depth) => {
    const json = nestedJson(depth);
    const row = rowsOf(`[{"email":"a","guid":${json}}]`);
    if (typeof row === "string") expect(row).toBe("nested too deep");
    else expect(row.fields).toMatchObject({ guid: json });
  });
});
