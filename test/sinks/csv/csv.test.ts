import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import type { Return } from "../../../functions/domain/return.ts";
import { systemClock } from "../../../functions/platform/clock.ts";
import { openSink } from "../../../functions/sinks/open-sink.ts";
import { InMemoryFiles } from "../../support/in-memory-files.ts";
import { inOneBatch, manyReturns, returnOf } from "../returns.ts";

const key = "returned/daily/run-1.csv";

/** Takes returns into a bucket of its own. */
async function take(
  returns: AsyncIterable<readonly Return[]>,
  { commit = true, signal = new AbortController().signal, files = new InMemoryFiles() } = {},
) {
  const readSecret = async () => undefined;
  const sink = openSink(
    { kind: "csv" },
    { readSecret, clock: systemClock, files, list: "daily", runId: "run-1" },
  );
  const taken = await sink.take(returns, { commit, signal }).catch((error: Error) => error);
  return { files, taken };
}

test("returns become a file of the run, a row each, with nothing where they have nothing", async () => {
  const full = returnOf({
    tells: "subscribed",
    email: "Jane@Example.fr",
    cause: "READER",
    changedAt: "2026-01-31T08:30:00Z",
    guid: "17",
    fields: { data_first_name: "Jane", data_city: "" },
  });
  const { files, taken } = await take(inOneBatch([full, returnOf()]));
  expect(taken).toEqual({ rows: 2, statements: [] });
  expect(files.textOf(key)).toBe(
    "address,email,kind,cause,changed_at,guid,fields\n" +
      'jane@example.fr,Jane@Example.fr,subscribed,READER,2026-01-31T08:30:00Z,17,"{""data_first_name"":""Jane"",""data_city"":""""}"\n' +
      "jane@example.fr,jane@example.fr,unsubscribed,,,,\n",
  );
  expect(files.files.get(key)?.contentType).toBe("text/csv; charset=utf-8");
});

test.each(['a,b"c\nd', "a\rb", "a\r\nb", "; \t", " a ", "Zoé 😀", "=1+1", "\\N"])(
  "a value is read back as it is: %j",
  async (text) => {
    const { files } = await take(inOneBatch([returnOf({ guid: text, fields: { data_a: text } })]));
    const [row] = parse(files.textOf(key), { columns: true }) as Record<string, string>[];
    expect(row?.["guid"]).toBe(text);
    expect(JSON.parse(row?.["fields"] ?? "")).toEqual({ data_a: text });
  },
);

test("what a database could not take is in no file either", async () => {
  const { files } = await take(
    inOneBatch([returnOf({ guid: "a\0b\ud83d", changedAt: "0000-01-01T00:00:00Z" })]),
  );
  expect(files.textOf(key)).toContain("\njane@example.fr,jane@example.fr,unsubscribed,,,a\ufffdb\ufffd,\n");
});

test("many returns are written with one header", async () => {
  const { files, taken } = await take(manyReturns(12_345));
  expect(taken).toEqual({ rows: 12_345, statements: [] });
  const lines = files.textOf(key).split("\n");
  expect(lines).toHaveLength(12_347);
  expect(lines.filter((line) => line.startsWith("address"))).toHaveLength(1);
});

test.each([
  ["no return", inOneBatch([]), 0],
  ["no batch", manyReturns(0), 0],
])("%s makes no file", async (_, returns, rows) => {
  const { files, taken } = await take(returns);
  expect(taken).toEqual({ rows, statements: [] });
  expect(files.files.size).toBe(0);
});

test("returns that are only tried are counted, and make no file", async () => {
  const { files, taken } = await take(manyReturns(2_500), { commit: false });
  expect(taken).toEqual({ rows: 2_500, statements: [] });
  expect(files.files.size).toBe(0);
});

test.each([[true], [false]])("returns that cannot be read make no file (commit: %s)", async (commit) => {
  async function* broken() {
    yield [returnOf()];
    throw new RangeError("the plan is damaged");
  }
  const { files, taken } = await take(broken(), { commit });
  expect(taken).toEqual(new RangeError("the plan is damaged"));
  expect(files.files.size).toBe(0);
});

test.each([[true], [false]])("no file is made when the time is up (commit: %s)", async (commit) => {
  const abort = new AbortController();
  async function* returns() {
    yield* manyReturns(1000);
    abort.abort(new Error("time is up"));
    yield* manyReturns(1000);
  }
  const { files, taken } = await take(returns(), { commit, signal: abort.signal });
  expect(taken).toEqual(new Error("time is up"));
  expect(files.files.size).toBe(0);
});

test("a bucket that cannot be written to is an error of its own", async () => {
  const files = new InMemoryFiles();
  files.onCall = () => {
    throw new Error("S3 is down");
  };
  const { taken } = await take(inOneBatch([returnOf()]), { files });
  expect(taken).toEqual(new Error("S3 is down"));
});
