import { Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createBodyReader } from "../../../functions/platform/http/body-reader.ts";

const responseWith = (chunks: Iterable<unknown>) => ({
  status: 200,
  headers: {},
  body: Readable.from(chunks),
});

test("bodies of any length are read whole, in the same memory", async () => {
  const readBody = createBodyReader();
  const read = (chunks: Buffer[]) => readBody(responseWith(chunks), { parse: (bytes) => Buffer.from(bytes) });
  const long = Array.from({ length: 30 }, (_, n) => Buffer.alloc(10_000, n));
  expect((await read(long)).equals(Buffer.concat(long))).toBe(true);
  expect(String(await read([Buffer.from("short")]))).toBe("short");
});

test("requests that are made when a body has arrived are sent before it is parsed", async () => {
  const happened: string[] = [];
  await createBodyReader()(responseWith([Buffer.from("body")]), {
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
  await expect(createBodyReader()(tooLong, { parse: () => undefined })).rejects.toThrow(RangeError);
});

test("the chunks of a body are collected at once, if the process may run the garbage collector", async () => {
  const collect = vi.fn();
  vi.stubGlobal("gc", collect);
  await createBodyReader()(responseWith([Buffer.from("body")]), { parse: () => undefined }).finally(() =>
    vi.unstubAllGlobals(),
  );
  expect(collect.mock.calls).toEqual([[{ type: "minor" }]]);
});
