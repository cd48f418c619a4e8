import { describe, expect, test } from "vitest";
import { RecordWriter } from "../../../../functions/domain/records/record-writer.ts";
import { unpackCurrent } from "../../../../functions/domain/records/unpack-subscriber.ts";
import type { CurrentSubscriber } from "../../../../functions/domain/subscriber.ts";
import { HttpFault } from "../../../../functions/platform/http/http-fault.ts";
import { packPage } from "../../../../functions/providers/ownpage/pages/pack-page.ts";
import { packRows } from "../../../../functions/providers/ownpage/pages/page-rows.ts";

const columns = ["guid", "data_firstname"];
const options = { columns, subscribedSince: Date.UTC(2026, 0, 1), timeZone: "Europe/Paris", offset: 0 };

function packed(row: object | string): CurrentSubscriber {
  const json = `[${typeof row === "string" ? row : JSON.stringify(row)}]`;
  const { records } = packPage(new RecordWriter(), Buffer.from(json), options);
  expect(records.count).toBe(1);
  return unpackCurrent(records.bytes, 0, columns);
}

describe("a row's status", () => {
  test.each([
    [{}, true],
    [{ subscribed: null }, true],
    [{ subscribed: "true", unsubscribed_at: "2018-02-15" }, true],
    [{ subscribed: "false" }, false],
    [{ subscribed: false }, false],
    [{ unsubscribed_at: "2018-02-15" }, false],
    [{ unsubscribed_cause: "READER" }, false],
    [{ unsubscribed_at: null, unsubscribed_cause: "" }, true],
  ])("of %j", (row, subscribed) => {
    expect(packed({ email: "ana@x.fr", ...row }).subscribed).toBe(subscribed);
  });
});

describe("an unsubscribed row", () => {
  test.each([
    ["READER", "READER"],
    ["HARD_BOUNCE", "HARD_BOUNCE"],
    ["COMPLAINT", "UNKNOWN"],
    ["reader", "UNKNOWN"],
    [undefined, "UNKNOWN"],
  ])("with cause %s is one of cause %s", (unsubscribed_cause, cause) => {
    expect(packed({ email: "a", subscribed: false, unsubscribed_cause }).cause).toBe(cause);
  });

  test("says when, in the configured zone if it names none", () => {
    const at = (unsubscribed_at: unknown) =>
      packed({ email: "a", subscribed: false, unsubscribed_at }).unsubscribedAt;
    expect(at("2018-02-15T23:51:51.000Z")).toBe(Date.UTC(2018, 1, 15, 23, 51, 51));
    // To the second: at the latest at its end, so that no consent of that second overrules it.
    expect(at("2018-02-15 23:51:51")).toBe(Date.UTC(2018, 1, 15, 22, 51, 51, 999));
    expect(at("2018-02-30")).toBeUndefined();
    expect(at(1518735111)).toBeUndefined();
  });

  test("has neither cause nor time if it says that it is subscribed", () => {
    const row = { email: "a", subscribed: true, unsubscribed_at: "2018-02-15", unsubscribed_cause: "READER" };
    expect(packed(row)).not.toHaveProperty("cause");
    expect(packed(row)).not.toHaveProperty("unsubscribedAt");
  });
});

test.each([
  ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
  ["2026-01-01 01:00:00.000", "2026-01-01T00:00:00.000Z"],
  ["2025-12-31T22:00:00.000-02:00", "2026-01-01T00:00:00.000Z"],
  ["2025-12-30T23:59:59.000Z", "2025-12-30T00:00:00.000Z"],
  ["2018-02-15 08:30:00", "2018-02-15T00:00:00.000Z"],
])("a reader who subscribed at %s did so at %s: to the day, if that is long ago", (subscribed_at, time) => {
  expect(packed({ email: "a", subscribed_at }).subscribedAt).toBe(Date.parse(time));
});

test.each([null, "", "yesterday", "15/02/2018"])(
  "a reader who subscribed at %j did so at no time",
  (subscribed_at) => {
    expect(packed({ email: "a", subscribed_at })).not.toHaveProperty("subscribedAt");
  },
);

test.each([
  ["ana@x.fr", "ana@x.fr"],
  ["Ana@X.fr", "Ana@X.fr"],
  [" Zoé@Bücher.fr", " Zoé@Bücher.fr"],
])("an address is kept as the provider spells it: %s", (email, spelt) => {
  expect(packed({ email }).email).toBe(spelt);
});

test.each([
  ['"Zoé"', "Zoé"],
  ['"Zo\\u00e9 \\"\\ud83d\\ude00\\""', 'Zoé "😀"'],
  ["12345678901234567890", "12345678901234567890"],
  ["1.50", "1.50"],
  ["true", "true"],
  ["null", ""],
  ['["a",1]', '["a",1]'],
])("a field's text of %s", (json, text) => {
  const row = `{"email":"a","guid":${json},"data_firstname":${json}}`;
  expect(packed(row).fields).toEqual({ guid: text, data_firstname: text });
});

test("says whether a page shows guids and data, whether or not they are wanted", () => {
  const shown = (...rows: object[]) => {
    const bytes = Buffer.from(JSON.stringify(rows.map((row) => ({ email: "a", ...row }))));
    const none = { ...options, columns: [] };
    const { showsGuid, showsData } = packPage(new RecordWriter(), bytes, none);
    expect(packRows(new RecordWriter(), bytes, none)).toMatchObject({ showsGuid, showsData });
    return [showsGuid, showsData];
  };
  expect(shown()).toEqual([false, false]);
  expect(shown({}, { guid: null })).toEqual([true, false]);
  expect(shown({}, { data_x: "" })).toEqual([false, true]);
});

test.each([
  ["null", "not an object"],
  ['"ana@x.fr"', "not an object"],
  ['["ana@x.fr"]', "not an object"],
  ["{}", "no address"],
  ['{"email":null}', "no address"],
  ['{"email":""}', "no address"],
  ['{"email":7}', "no address"],
  ['{"email":{"value":"ana@x.fr"}}', "no address"],
  ['{"email":null,"subscribed_at":false,"tags":[]}', "no address"],
  ['{"email":"ana@x.fr","subscribed":"yes"}', "unreadable subscribed"],
  ['{"email":"ana@x.fr","subscribed_at":{"date":"2018-02-15"}}', "unreadable subscribed_at"],
  ['{"email":"ana@x.fr","unsubscribed_at":false}', "unreadable unsubscribed_at"],
  ['{"email":"ana@x.fr","unsubscribed_cause":["READER"]}', "unreadable unsubscribed_cause"],
  [`{"email":"ana@x.fr","guid":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "nested too deep"],
])("a row that is nobody's is set aside, and the others are read: %.40s", (row, problem) => {
  const bytes = Buffer.from(`[{"email":"a"},${row},{"email":"b"}]`);
  const page = packPage(new RecordWriter(), bytes, { ...options, offset: 20_000 });
  expect(page.records.count).toBe(2);
  expect(page.oddRows).toEqual([{ place: "row 2 of the page at offset 20000", problem }]);
});

test("an empty page is a page; anything that is not an array is a fault", () => {
  const pack = (text: string) => packPage(new RecordWriter(), Buffer.from(text), options);
  expect(pack("[]").records.count).toBe(0);
  for (const text of ["{}", "null", '{"subscribers":[]}', "<html>", ""]) {
    expect(() => pack(text)).toThrow(HttpFault);
  }
});
