import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { packDesired } from "../../functions/domain/records/pack-subscriber.ts";
import { RecordWriter } from "../../functions/domain/records/record-writer.ts";
import { packBatches } from "../../functions/sources/pack-batches.ts";
import { createRowParser } from "../../functions/sources/row-parser.ts";
import type { SourceRow } from "../../functions/sources/source-batch.ts";
import type { DesiredBlock } from "../../functions/sources/source-reading.ts";
import { TextBatch } from "../support/text-batch.ts";

const readAt = Date.UTC(2026, 6, 3);
const consents = { timeZone: "Europe/Paris", readAt };
const columns = ["data_a", "guid", "consented_at", "email", "unsubscribed_cause", "subscribed", "data_b"];

async function packRows(rows: readonly SourceRow[], names = columns): Promise<DesiredBlock> {
  const source = {
    columns: names,
    readAt,
    async *batches() {
      yield new TextBatch(rows);
    },
    close: async () => undefined,
  };
  const blocks = packBatches(source, createRowParser(names, consents));
  return (await blocks.next()).value;
}

/** The same by the parser alone. */
function packParsed(rows: readonly SourceRow[]): DesiredBlock {
  const parser = createRowParser(columns, consents);
  const writer = new RecordWriter();
  const rejected = [];
  const unreadableConsents = [];
  for (const [index, row] of rows.entries()) {
    const parsed = parser.parse(row, () => `row ${index + 1}`);
    if ("reason" in parsed) rejected.push(parsed);
    else packDesired(writer, parser.fieldColumns, parsed);
    if (!("reason" in parsed) && parsed.consentedAt === undefined && parser.claimsConsent(row))
      unreadableConsents.push(`row ${index + 1}`);
  }
  return { records: writer.finish(), rejected, unreadableConsents };
}

const anyText = fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.toWellFormed());
const space = fc.constantFrom("", " ", "\t", "\u00a0", "\ufeff", "\n");
const spaced = (text: fc.Arbitrary<string>) => fc.tuple(space, text, space).map((parts) => parts.join(""));
const oneOf = (...texts: string[]) => spaced(fc.constantFrom(...texts));
const addresses = [
  "a@x.fr",
  "Jean.Dupont@X.fr",
  "é@x.fr",
  "a@bücher.example",
  "",
  "a b@x.fr",
  "a\u200bb@x.fr",
  "İ@x.fr",
];
const email = fc.oneof(oneOf(...addresses, `${"a".repeat(999)}@`, `${"a".repeat(1000)}@`), anyText);
const consent = oneOf(
  "2026-01-02",
  "2026-01-02 03:04:05.678+00",
  "2026-01-02T03:04Z",
  "infinity",
  "2027-01-01",
  "",
);
const answer = oneOf("", "t", "f", "true", "FALSE", "yes", "N", "0", "1", "maybe");
const cause = oneOf("", "READER", "reader", "PUBLISHER", "HARD_BOUNCE");
const orNull = (text: fc.Arbitrary<string>) => fc.option(text, { freq: 5 });
const row = fc.tuple(
  orNull(anyText),
  orNull(fc.oneof(spaced(anyText), oneOf("7", "r-77"))),
  orNull(fc.oneof(consent, anyText)),
  orNull(email),
  orNull(cause),
  orNull(fc.oneof(answer, anyText)),
  orNull(oneOf("Zoé", "x".repeat(200))),
);

describe("rows are packed from their bytes", () => {
  property.prop([fc.array(row, { maxLength: 30 })], { numRuns: 300 })(
    "into the very records that the parser makes of them",
    async (rows) => {
      const packed = await packRows(rows);
      expect(packed).toEqual(packParsed(rows));
    },
  );

  test("and one of more than 256 kB is rejected, with its largest column", async () => {
    const wide = (data_a: string, data_b: string) => [data_a, " 7 ", "", "a@x.fr", "", "no", data_b];
    const { records, rejected } = await packRows([
      wide("x".repeat(100_000), "x".repeat(100_000)),
      wide("é".repeat(50_000), "x".repeat(170_000)),
    ]);
    expect(records.count).toBe(1);
    expect(rejected).toEqual([
      {
        email: "a@x.fr",
        reason: "the row is larger than 262144 bytes, most of all its data_b",
        place: "row 2",
        guid: "7",
        unsubscribed: true,
      },
    ]);
  });

  test("and a rejected one keeps no more of its id and its address than an id or an address may have", async () => {
    const { rejected } = await packRows(
      [[`${"é".repeat(200_000)}@x.fr`, "g".repeat(2000)]],
      ["email", "guid"],
    );
    expect(rejected).toEqual([
      expect.objectContaining({
        email: "é".repeat(100),
        reason: expect.stringMatching(/most of all its email$/),
      }),
    ]);
    expect(rejected[0]).not.toHaveProperty("guid");
  });
});
