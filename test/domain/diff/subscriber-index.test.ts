import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { CurrentMatcher } from "../../../functions/domain/diff/current-matcher.ts";
import { SubscriberIndex } from "../../../functions/domain/diff/subscriber-index.ts";
import { canonicalEmail } from "../../../functions/domain/email.ts";
import { packCurrent } from "../../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../../functions/domain/records/record-writer.ts";
import type { CurrentSubscriber } from "../../../functions/domain/subscriber.ts";

const columns = ["guid", "data_firstname"];

function indexOf(rows: readonly Partial<CurrentSubscriber>[], expected = 0): SubscriberIndex {
  const index = new SubscriberIndex(columns, expected);
  const pages = new CurrentMatcher(index);
  const writer = new RecordWriter(16);
  for (const row of rows) {
    packCurrent(writer, columns, {
      email: "",
      subscribed: true,
      fields: {},
      ...row,
    });
    if (writer.count === 3)
      pages.match({
        records: writer.finish(),
        showsGuid: true,
        showsData: true,
      });
  }
  pages.match({
    records: writer.finish(),
    showsGuid: true,
    showsData: true,
  });
  return index;
}

function contentsOf(index: SubscriberIndex): CurrentSubscriber[] {
  const contents: CurrentSubscriber[] = [];
  index.forEachEntry((entry) => {
    contents.push(index.unpackCurrent(entry));
  });
  return contents;
}

const email = fc.oneof(
  fc.constantFrom("a@x.fr", "A@x.fr", "b@x.fr", "é@x.fr", "e\u0301@x.fr", "a@é.fr", " a@x.fr", ""),
  fc.string({ unit: "grapheme", maxLength: 300 }),
);
const field = fc.string({ unit: "grapheme", maxLength: 200 });
const row = fc.record({
  email,
  subscribed: fc.boolean(),
  fields: fc.record({ guid: field, data_firstname: field }),
});

describe("SubscriberIndex", () => {
  property.prop([fc.array(row, { maxLength: 60 })])(
    "holds the same as a Map that is keyed by spelling",
    (rows) => {
      const index = indexOf(rows);
      const map = new Map<string, CurrentSubscriber>();
      for (const { email, subscribed, fields } of rows) {
        const known = map.get(email);
        if (known === undefined) map.set(email, { email, subscribed, fields });
        else if (!subscribed) map.set(email, { ...known, subscribed });
      }
      expect(contentsOf(index)).toEqual([...map.values()]);
      expect(index.rows).toBe(map.size);
      expect(index.repeated).toBe(rows.length - map.size);
      for (const { email } of rows) expect([...index.entriesOf(canonicalEmail(email))]).not.toEqual([]);
    },
  );

  property.prop([fc.array(row, { maxLength: 30 }), fc.infiniteStream(fc.nat())])(
    "two reads of the same rows in different orders have the same digest",
    (rows, order) => {
      const different = [...new Map(rows.map((each) => [each.email, each])).values()];
      const shuffled = different
        .map((each) => ({ each, at: order.next().value }))
        .sort((one, other) => one.at - other.at)
        .map(({ each }) => each);
      expect(indexOf(shuffled).digest).toBe(indexOf(different).digest);
      if (different.length > 0)
        expect(indexOf(different.slice(1)).digest).not.toBe(indexOf(different).digest);
    },
  );

  test("never confuses addresses while its table fills and grows", () => {
    const rows = Array.from({ length: 20_000 }, (_, number) => ({
      email: `reader.${number}@x.fr`,
    }));
    const index = indexOf(rows);
    expect(index.rows).toBe(20_000);
    for (let number = 0; number < 20_000; number += 7) {
      const entries = [...index.entriesOf(`reader.${number}@x.fr`)];
      expect(entries.map((entry) => index.unpackCurrent(entry).email)).toEqual([`reader.${number}@x.fr`]);
    }
    expect([...index.entriesOf("reader.20000@x.fr")]).toEqual([]);
  });

  test("keeps addresses apart that have the same 32-bit hash", () => {
    const [one, other] = collidingEmails();
    const index = indexOf([
      { email: one, fields: { guid: "1" } },
      { email: other, fields: { guid: "2" } },
    ]);
    expect(contentsOf(index).map(({ email, fields }) => [email, fields["guid"]])).toEqual([
      [one, "1"],
      [other, "2"],
    ]);
  });

  test("two spellings of one address are two entries", () => {
    const index = indexOf([{ email: "A@x.fr" }, { email: "a@x.fr" }]);
    expect(index.rows).toBe(2);
    expect(index.repeated).toBe(0);
  });

  test("if a row comes twice, the unsubscribed one counts", () => {
    const index = indexOf([{ email: "a@x.fr" }, { email: "a@x.fr", subscribed: false, cause: "READER" }]);
    expect(index.current).toEqual({ subscribed: 0, unsubscribed: 1 });
    expect(contentsOf(index)[0]).toMatchObject({
      subscribed: false,
      cause: "READER",
    });
  });
});

/** FNV-1a ends in a one-to-one mix, so the first pair that collides before it collides after it too. */
function collidingEmails(): [string, string] {
  const seen = new Map<number, string>();
  for (let number = 0; ; number++) {
    const email = `${number}@x.fr`;
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(email)) hash = Math.imul(hash ^ byte, 0x01000193);
    const other = seen.get(hash);
    if (other !== undefined) return [other, email];
    seen.set(hash, email);
  }
}
