import { describe, expect, test } from "vitest";
import { startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { documentedFields } from "../../../infra/sandbox/ownpage/subscriber.ts";
import {
  syntheticEmail,
  syntheticNumber,
  syntheticSourceRow,
  syntheticSubscriber,
} from "../../../infra/sandbox/ownpage/synthetic-subscriber.ts";
import { connect } from "./connect.ts";

const path = "/newsletters/lists/1/subscribers";
type Rows = { email: string; subscribed: boolean }[];

async function open(synthetic: number) {
  const sandbox = await startSandbox({ lists: [{ id: 1, synthetic }] });
  const { read, write } = await connect(sandbox);
  return {
    sandbox,
    list: sandbox.list(1),
    page: async (query: string) => (await read(`${path}?${query}`)) as Rows,
    write: (rows: unknown) => write(rows, path),
  };
}

describe("a synthetic subscriber", () => {
  const rows = Array.from({ length: 1_000 }, (_, n) => syntheticSubscriber(n));

  test("is found by its address, which is unique", () => {
    for (const n of [0, 7, 96, 97, 9_999_999]) expect(syntheticNumber(syntheticEmail(n))).toBe(n);
    for (const email of [
      "reader.7@example8.fr",
      "reader.07@example7.fr",
      "Reader.7@example7.fr",
      "reader.@example0.fr",
    ]) {
      expect(syntheticNumber(email)).toBeUndefined();
    }
  });

  test("takes about 260 bytes", () => {
    const bytes = Buffer.byteLength(JSON.stringify(rows)) / rows.length;
    expect(bytes).toBeGreaterThan(250);
    expect(bytes).toBeLessThan(285);
  });

  test("has every documented field in some row, and an opt-out of some cause in one of ten", () => {
    expect(new Set(rows.flatMap(Object.keys))).toEqual(new Set([...documentedFields, "data_firstname"]));
    const optedOut = rows.filter(({ subscribed }) => !subscribed);
    expect(optedOut).toHaveLength(100);
    expect(new Set(optedOut.map(({ unsubscribed_cause }) => unsubscribed_cause)).size).toBe(4);
  });

  test("is in the publisher's database with the same guid and data", () => {
    const shown = rows.map(({ email, guid, data_firstname }) => ({ email, guid, data_firstname }));
    expect(shown).toEqual(rows.map((_, n) => syntheticSourceRow(n)));
  });
});

describe("a synthetic list", () => {
  test("has the counts and pages of a list whose rows are stored", async () => {
    const { sandbox, list, page } = await open(3_456);
    await using _ = sandbox;
    expect(list.counts()).toMatchObject({ subscribed: 3_111, unsubscribed: 345 });
    const all = Array.from({ length: 3_456 }, (_, n) => syntheticSubscriber(n));
    expect(await page("status=all&count=2000")).toEqual(all.slice(0, 2_000));
    expect(await page("status=all&count=2000&offset=2000")).toEqual(all.slice(2_000));
    expect(await page("status=all&count=300&offset=850")).toEqual(all.slice(850, 1_150));
    const optedOut = all.filter(({ subscribed }) => !subscribed);
    expect(await page("status=unsubscribed&count=150&offset=80")).toEqual(optedOut.slice(80, 230));
  });

  test("shows a write in its place, even in pages that were read before", async () => {
    const { sandbox, list, page, write } = await open(3_000);
    await using _ = sandbox;
    const before = await page("status=all&count=3000");
    const email = syntheticEmail(1_500);
    await write([{ email, subscribed: false }, { email: "new@example.fr" }]);
    const after = await page("status=all&count=10000");
    expect(after[1_500]).toMatchObject({ email, subscribed: false, unsubscribed_cause: "READER" });
    expect(after[3_000]).toMatchObject({ email: "new@example.fr" });
    expect(after.toSpliced(3_000).toSpliced(1_500, 1)).toEqual(before.toSpliced(1_500, 1));
    expect(list.counts()).toMatchObject({ subscribed: 2_700, unsubscribed: 301 });
  });

  test("moves later rows up if one is deleted, which can come back", async () => {
    const { sandbox, list, page } = await open(2_000);
    await using _ = sandbox;
    expect(list.delete(syntheticEmail(3))).toBe(true);
    expect(list.delete(syntheticEmail(3))).toBe(false);
    expect((await page("status=all&count=2&offset=2")).map(({ email }) => email)).toEqual(
      [2, 4].map(syntheticEmail),
    );
    expect(list.size).toBe(1_999);
    list.set({ email: syntheticEmail(3) });
    expect(list.size).toBe(2_000);
  });

  test("of ten million rows answers at once", async () => {
    const { sandbox, list, page } = await open(10_000_000);
    await using _ = sandbox;
    expect(list.size).toBe(10_000_000);
    const [row] = await page("status=all&count=1&offset=9876543");
    expect(row).toEqual(syntheticSubscriber(9_876_543));
    expect(await page("status=unsubscribed&count=1&offset=999999")).toEqual([syntheticSubscriber(9_999_999)]);
    expect(list.get(syntheticEmail(10_000_000))).toBeUndefined();
  });
});
