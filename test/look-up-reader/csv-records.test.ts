import { fc, test as property } from "@fast-check/vitest";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { expect, test } from "vitest";
import { withoutRecords } from "../../functions/look-up-reader/csv-records.ts";
import { createReaderMatcher } from "../../functions/look-up-reader/reader-matcher.ts";

const matcher = createReaderMatcher("anna@example.fr");

async function erase(
  text: string,
  pieceLength = 7,
): Promise<{ readonly text: string; readonly erased: number }> {
  let erased = 0;
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
  }
  const left = await collect(withoutRecords(pieces(), { matcher, onErased: () => erased++ }));
  return { text: Buffer.concat(left).toString(), erased };
}

test.each([
  ["a row", "email,x\nanna@example.fr,1\nbob@example.fr,2\n", "email,x\nbob@example.fr,2\n"],
  ["the last row, without a line break", "email\nbob@example.fr\nAnna@Example.fr", "email\nbob@example.fr\n"],
  [
    "a row with a line break in quotes",
    'a\n"x\ny",anna@example.fr\n"u\nv",b@example.fr\n',
    'a\n"u\nv",b@example.fr\n',
  ],
  ["a row between carriage returns", "a\r\nanna@example.fr\r\nb\r\n", "a\r\nb\r\n"],
  ["a row beside a stray quote", 'a\n5" disk,b\nanna@example.fr,c\nd,e\n', 'a\n5" disk,b\nd,e\n'],
  ["a row below quotes that nothing closes", 'a\n"b\nanna@example.fr\nc\n', 'a\n"b\nc\n'],
  ["the mark of another byte order left", "\ufeffemail\nanna@example.fr\n", "\ufeffemail\n"],
])("takes out %s", async (_, text, left) => {
  for (const pieceLength of [1, 2, 3, 7, 1000]) expect((await erase(text, pieceLength)).text).toBe(left);
});

test.each([
  ["d;email;u\r\n1;Anna@example.fr;x\r\n2;bob@example.fr;y\r\n", "d;email;u\r\n2;bob@example.fr;y\r\n"],
  ["anna@example.fr;x\nbob@example.fr;y\n", "bob@example.fr;y\n"],
  ['d\t"email"\n1\tanna@example.fr\n', 'd\t"email"\n'],
])("takes out a row between other delimiters: %j", async (text, left) => {
  for (const pieceLength of [1, 5, 1000]) expect((await erase(text, pieceLength)).text).toBe(left);
});

test("of another reader's row, whose address stands in its own column, only the value goes", async () => {
  const { text } = await erase("date,email,u\r\nx,bob@example.fr,anna@example.fr\r\ny,anna@example.fr,\r\n");
  expect(text).toBe("date,email,u\r\nx,bob@example.fr,\r\n");
});

test("holds no more than a record's length below quotes that nothing closes", async () => {
  const piece = Buffer.from(`${"x".repeat(99)}\n`.repeat(1000));
  let given = 0;
  let taken = 0;
  let held = 0;
  async function* pieces() {
    yield Buffer.from('email\n"');
    for (; given < 20_000_000; given += piece.length) {
      held = Math.max(held, given - taken);
      yield piece;
    }
    yield Buffer.from("anna@example.fr\n");
  }
  for await (const left of withoutRecords(pieces(), { matcher, onErased: () => undefined })) {
    taken += left.length;
  }
  expect(held).toBeLessThan(1_500_000);
  expect(taken).toBe(20_000_007);
});

test("empties what another reader's row says of them", async () => {
  const { text, erased } = await erase("e,u\nbob@example.fr,https://x.fr/?m=anna%40example.fr\n");
  expect([text, erased]).toEqual(["e,u\nbob@example.fr,\n", 1]);
});

const cell = fc.oneof(
  fc.constantFrom(
    "anna@example.fr",
    "ANNA@example.fr",
    "joanna@example.fr",
    "",
    '"',
    "x,y",
    "a\nb",
    'q"q',
    "é",
  ),
  fc.string({ maxLength: 5 }),
);

property.prop([fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }), fc.integer({ min: 1, max: 20 })])(
  "of any CSV, the rows of all others are left byte by byte",
  async (rows, pieceLength) => {
    const records = rows.map((row) => stringify([row], { quoted_match: /\r/ }));
    const isTheirs = (n: number) => rows[n]!.some((value) => matcher.isReader(value));
    const { text } = await erase(records.join(""), pieceLength);
    expect(text).toBe(records.filter((_, n) => !isTheirs(n)).join(""));
    expect(() => parse(text, { relax_column_count: true })).not.toThrow();
  },
);

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
