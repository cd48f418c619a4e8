import { truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { failureOf } from "../outcomes.ts";
import { readAll } from "../read-source.ts";
import { latin1, manyRows, openUri, readCsv, writeCsv } from "./csv-files.ts";

describe("a file is refused", () => {
  const uriPattern = /^source, file:.*\.csv: /;
  test.each([
    ["that is empty", "", /csv: holds no rows, not even a header$/],
    ["of blank lines", "\r\n\r\n", /csv: holds no rows, not even a header$/],
    ["with a header only", "email,guid\n\n", /csv: holds no rows, only a header$/],
  ])("%s", async (_, content, message) => {
    const error = await refusal(content);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(uriPattern);
  });

  test.each([
    [
      "too few columns",
      "email,guid\na@example.fr,1\n\nb@example.fr\n",
      "line 4: has 1 columns, but the header has 2",
    ],
    [
      "too many columns",
      'email,guid\n"a\n@example.fr",1\nb@example.fr,2,\n',
      "line 4: has 3 columns, but the header has 2",
    ],
    [
      "a quote that is not closed",
      'email,guid\na@example.fr,1\nb@example.fr,"2\nc@example.fr,3\n',
      "line 3: a quote is opened in this row and not closed",
    ],
    [
      "a quote within a value",
      'email,guid\n"a\r\n@example.fr",1\nb@example.fr,2 "x"\n',
      /^source, line 4: a quote is out of place in this row/,
    ],
    [
      "text after a quoted value",
      'email,guid\n"a@example.fr"x,1\n',
      /^source, line 2: a quote is out of place in this row/,
    ],
    [
      "a last line without a line break",
      "email,guid\na@example.fr,1\nb@example.fr,2",
      /^source, line 3: the last line has no line break at its end/,
    ],
    [
      "a last quoted value without a line break",
      'email,guid\na@example.fr,1\nb@example.fr,"2\n3"',
      /^source, line 3: the last line has no line break at its end/,
    ],
  ])("with %s, by its line", async (_, content, message) => {
    expect((await refusal(content)).message).toMatch(message);
  });

  test("with a byte that is not of its encoding, by its line", async () => {
    const row = (index: number) => `r${index}@example.fr;Ren${index === 30_000 ? "\xe9e" : "ee"}`;
    const content = latin1(manyRows("email;data_a", row));
    expect((await refusal(content)).message).toBe(
      "source, line 30002: holds a byte that is not utf-8: does the file have another encoding?",
    );
  });

  test("with a pair of bytes that is not of its encoding, by its line", async () => {
    const content = Buffer.from("email\na@example.fr\nb\ud800@example.fr\n", "utf16le");
    expect((await refusal(content, "utf-16le")).message).toMatch(
      /^source, line 3: holds a byte that is not utf-16le/,
    );
  });

  test("whose quote is not closed for more than four megabytes", async () => {
    // So that the reading breaks off within a character.
    const content = `email;data_a\na@example.fr;"${"é".repeat(4_000_000)}\n`;
    expect((await refusal(content)).message).toBe(
      "source, line 2: a quote is opened in this row and not closed",
    );
  });

  test("with a row of more than four megabytes", async () => {
    const content = `email;data_a\na@example.fr;${"x".repeat(8_000_000)}\n`;
    expect((await refusal(content)).message).toBe(
      "source, line 2: a row of more than 4194304 bytes begins here",
    );
  });

  test("that is cut short between two rows while it is read", async () => {
    const row = "reader@example.fr;x\n";
    const uri = writeCsv(`email;data_a\n${row.repeat(200_000)}`);
    const source = await openUri(uri);
    truncateSync(new URL(uri), "email;data_a\n".length + 100_000 * row.length);
    await expect(readAll(source)).rejects.toThrow(/: 2000013 of its 4000013 bytes could be read$/);
  });

  test("without showing a value", async () => {
    const contents = [
      "email,guid\njane@example.fr\n",
      'email,guid\njane"x"@example.fr,1\n',
      'email,guid\n"jane@example.fr,1\n',
    ];
    for (const content of contents) {
      const error = await refusal(content);
      expect(error.message).not.toContain("jane");
      expect(error.cause).toBeUndefined();
    }
  });

  test("that is not there", async () => {
    await expect(openUri("file:///nowhere/readers.csv")).rejects.toThrow(
      "source, file:///nowhere/readers.csv: it cannot be read: there is no such file",
    );
  });

  test("that is a folder", async () => {
    const uri = pathToFileURL(tmpdir()).href;
    await expect(openUri(uri)).rejects.toThrow(`source, ${uri}: 0 of its`);
  });
});

describe("aborting", () => {
  test("ends the reading with the reason", async () => {
    const abort = new AbortController();
    const source = await openUri(writeCsv(manyRows("email", (index) => `r${index}@example.fr`)), abort);
    const reading = (async () => {
      for await (const _ of source.batches()) abort.abort(new Error("time is up"));
    })();
    await expect(reading).rejects.toThrow("time is up");
    await source.close();
  });

  test("before the opening opens nothing", async () => {
    await expect(
      openUri(writeCsv("email\na\n"), { signal: AbortSignal.abort(new Error("too late")) }),
    ).rejects.toThrow("too late");
  });
});

test("a source that is closed midway is not read on", async () => {
  const source = await openUri(writeCsv(manyRows("email", (index) => `r${index}@example.fr`)));
  const reading = (async () => {
    for await (const _ of source.batches()) await source.close();
  })();
  await expect(reading).rejects.toThrow(/abort/);
});

async function refusal(content: string | Uint8Array, encoding?: string): Promise<Error> {
  const error = await failureOf(readCsv(content, encoding));
  expect(error.name).toBe("SourceError");
  return error;
}
