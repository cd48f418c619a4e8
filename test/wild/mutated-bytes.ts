import { fc } from "@fast-check/vitest";

const sign = fc.constantFrom(...'"\n\r,;\t[]{}:\\\0 e1@'.split("")).map((text) => Buffer.from(text));
const inserted = fc.oneof(sign, fc.uint8Array({ minLength: 1, maxLength: 4 }));

type Change = (bytes: Buffer, at: number) => Buffer[];
const change = fc.oneof<fc.Arbitrary<Change>[]>(
  inserted.map((added) => (bytes, at) => [bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at)]),
  fc
    .integer({ min: 1, max: 9 })
    .map((size) => (bytes, at) => [bytes.subarray(0, at), bytes.subarray(at + size)]),
  fc
    .integer({ min: 1, max: 255 })
    .map((mask) => (bytes, at) => [
      bytes.subarray(0, at),
      Buffer.from([(bytes[at] ?? 0) ^ mask]),
      bytes.subarray(at + 1),
    ]),
  fc.nat(200).map((size) => (bytes, at) => [bytes.subarray(0, at + size), bytes.subarray(at)]),
  fc.constant<Change>((bytes, at) => [bytes.subarray(0, at)]),
);

/** Bytes that were inserted, removed, flipped, repeated or cut off in one to four places. */
export function mutated(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const changes = fc.array(fc.tuple(change, fc.nat()), { minLength: 1, maxLength: 4 });
  return fc
    .tuple(whole, changes)
    .map(([bytes, list]) =>
      list.reduce(
        (result, [apply, place]) => Buffer.concat(apply(result, place % (result.length + 1))),
        bytes,
      ),
    );
}
