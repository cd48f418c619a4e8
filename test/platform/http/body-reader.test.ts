import { Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createBodyReader } from "../../../functions/platform/http/body-reader.ts";
import { OversizeFault } from "../../../functions/platform/http/http-fault.ts";

const maxBytes = 1_000_000;

const responseWith = (chunks: Iterable<unknown>) => ({
  status: 200,
  headers: {},
  body: Readable.from(chunks),
});

test("bodies of any length are read whole, in the same memory", async () => {
  const readBody = createBodyReader();
  const read = (chunks: Buffer[]) =>
    readBody(responseWith(chunks), { maxBytes, parse: (bytes) => Buffer.from(bytes) });
  const long = Array.from({ length: 30 }, (_, n) => Buffer.alloc(10_000, n));
  expect((await read(long)).equals(Buffer.concat(long))).toBe(true);
  expect(String(await read([Buffer.from("short")]))).toBe("short");
});

test("requests that are made when a body has arrived are sent before it is parsed", async () => {
  const happened: string[] = [];
  await createBodyReader()(responseWith([Buffer.from("body")]), {
    maxBytes,
    parse: () => happened.push("parsed"),
    onReceived: () => {
      happened.push("received");
      process.nextTick(() => happened.push("sent"));
    },
  });
  expect(happened).toEqual(["received", "sent", "parsed"]);
});

test("a body that does not fit in memory fails its call, not the process", async () => {
  const tooLong = responseWith([{ length: Number.MAX_SAFE_INTEGER }]);
  const use = { maxBytes: Number.POSITIVE_INFINITY, parse: () => undefined };
  await expect(createBodyReader()(tooLong, use)).rejects.toThrow(RangeError);
});

test("a body is read up to its bound and no further", async () => {
  const readBody = createBodyReader();
  const sizeOf = { maxBytes: 2 * 65_536, parse: (bytes: Uint8Array) => bytes.length };
  let sent = 0;
  const response = responseWith(
    (function* () {
      for (; ; sent++) yield Buffer.alloc(65_536);
    })(),
  );
  await expect(readBody(response, sizeOf)).rejects.toThrow(OversizeFault);
  expect(sent).toBeLessThan(20);
  expect(response.body.destroyed).toBe(true);
  expect(await readBody(responseWith([Buffer.alloc(65_536), Buffer.alloc(65_536)]), sizeOf)).toBe(131_072);
});

test("the chunks of a body are collected at once, if the process may run the garbage collector", async () => {
  const collect = vi.fn();
  vi.stubGlobal("gc", collect);
  await createBodyReader()(responseWith([Buffer.from("body")]), { maxBytes, parse: () => undefined }).finally(
    () => vi.unstubAllGlobals(),
  );
  expect(collect.mock.calls).toEqual([[{ type: "minor" }]]);
});
