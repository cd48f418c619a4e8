import { Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createBodyReader } from "../../../functions/platform/http/body-reader.ts";

const answerWith = (pieces: Iterable<unknown>) => ({ status: 200, headers: {}, body: Readable.from(pieces) });

test("a body is read whole, whatever its length, and the next one into the same memory", async () => {
  const readBody = createBodyReader();
  const read = (pieces: Buffer[]) => readBody(answerWith(pieces), { parse: (bytes) => Buffer.from(bytes) });
  const long = Array.from({ length: 30 }, (_, n) => Buffer.alloc(10_000, n));
  expect((await read(long)).equals(Buffer.concat(long))).toBe(true);
  expect(String(await read([Buffer.from("short")]))).toBe("short");
});

test("what is asked for when a body has come is sent before it is parsed", async () => {
  const happened: string[] = [];
  await createBodyReader()(answerWith([Buffer.from("body")]), {
    parse: () => happened.push("parsed"),
    onReceived: () => {
      happened.push("received");
      process.nextTick(() => happened.push("sent"));
    },
  });
  expect(happened).toEqual(["received", "sent", "parsed"]);
});

test("a body that no memory holds fails its call, not the process", async () => {
  const tooLong = answerWith([{ length: Number.MAX_SAFE_INTEGER }]);
  await expect(createBodyReader()(tooLong, { parse: () => undefined })).rejects.toThrow(RangeError);
});

test("what a body leaves behind is collected at once, where the process may do that", async () => {
  const collect = vi.fn();
  vi.stubGlobal("gc", collect);
  await createBodyReader()(answerWith([Buffer.from("body")]), { parse: () => undefined }).finally(() =>
    vi.unstubAllGlobals(),
  );
  expect(collect.mock.calls).toEqual([[{ type: "minor" }]]);
});
