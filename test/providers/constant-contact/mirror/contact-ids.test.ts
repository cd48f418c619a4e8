import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "../../../../functions/platform/storage/memory/entry.ts";
import { ContactIds } from "../../../../functions/providers/constant-contact/mirror/contact-ids.ts";
import { DigestTable } from "../../../../functions/providers/constant-contact/mirror/digest-table.ts";

test("a table finds what a map of lists finds", () => {
  const entries = fc.array(fc.tuple(fc.nat(3000), fc.nat(1000)), { size: "max", maxLength: 5000 });
  fc.assert(
    fc.property(entries, (entries) => {
      const table = new DigestTable(1);
      const expected = new Map<string, number[]>();
      for (const [key, value] of entries) {
        const digest = digestOf(String(key));
        expect(table.add(digest, [value])).toBe(!expected.has(digest));
        expected.set(digest, [...(expected.get(digest) ?? []), value]);
      }
      for (const [digest, values] of expected) {
        expect(table.find(digest).map((content) => content[0])).toEqual(values);
      }
      expect(table.find(digestOf("somebody else"))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test("contacts are found by their address in any spelling, whatever their ids look like", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uuid(), fc.string({ minLength: 1 }))), (ids) => {
      const table = new ContactIds();
      for (const [at, id] of ids.entries()) {
        expect(table.add(at % 2 === 0 ? "Reader@example.fr" : "reader@EXAMPLE.fr", id)).toBe(at === 0);
      }
      expect(table.idsOf("READER@example.fr").sort()).toEqual([...ids].sort());
      expect(table.idsOf("another@example.fr")).toEqual([]);
    }),
  );
});

test("a contact takes less than 60 bytes while its id is a UUID", () => {
  const uuid = (n: number) =>
    createHash("md5")
      .update(`${n}`)
      .digest("hex")
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const before = process.memoryUsage().arrayBuffers;
  const table = new ContactIds();
  const contacts = 300_000;
  for (let n = 0; n < contacts; n++) table.add(`reader.${n}@example.fr`, uuid(n));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * contacts);
  expect(table.idsOf("reader.299999@example.fr")).toEqual([uuid(299_999)]);
});
