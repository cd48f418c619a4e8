import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../functions/platform/clock.ts";
import { openCsv } from "../../../functions/sources/csv/open-csv.ts";
import { type EmbeddedS3, startEmbeddedS3 } from "../../../infra/local/embedded-s3.ts";
import { readAll } from "../read-source.ts";

const uri = "s3://exports/daily/readers, 2026 & all.csv";

function client(endpoint: string): S3Client {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new S3Client({ endpoint, region: "eu-west-3", credentials, maxAttempts: 1 });
}

function open(s3: S3Client, { from = uri, signal = new AbortController().signal } = {}) {
  return openCsv(
    { kind: "csv", uri: from, encoding: "utf-8", maxAgeHours: Number.POSITIVE_INFINITY },
    { s3, clock: systemClock, signal },
  );
}

const rows = Array.from({ length: 60_000 }, (_, index) => `reader${index}@example.fr,Zoé ${index}`);
const content = Buffer.from(`email,data_firstname\n${rows.join("\n")}\n`);
const expected = rows.map((row, index) => [`line ${index + 2}`, ...row.split(",")]);

describe("an object of S3", () => {
  let server: EmbeddedS3;
  let s3: S3Client;
  beforeAll(async () => {
    server = await startEmbeddedS3({ buckets: ["exports"] });
    s3 = client(server.url);
    await s3.send(
      new PutObjectCommand({ Bucket: "exports", Key: uri.slice("s3://exports/".length), Body: content }),
    );
  });
  afterAll(async () => {
    s3.destroy();
    await server.stop();
  });

  test("is read whole, as of its last modification", async () => {
    const source = await open(s3);
    expect(source.columns).toEqual(["email", "data_firstname"]);
    expect(Math.abs(source.readAt - Date.now())).toBeLessThan(60_000);
    expect(await readAll(source)).toEqual(expected);
  });

  test("that is not there is refused, by its URI", async () => {
    await expect(open(s3, { from: "s3://exports/nothing.csv" })).rejects.toThrow(
      "source, s3://exports/nothing.csv: it cannot be read: there is no such object",
    );
  });

  test("of a bucket that is not there is refused, by its URI", async () => {
    await expect(open(s3, { from: "s3://nowhere/readers.csv" })).rejects.toThrow(
      "source, s3://nowhere/readers.csv: it cannot be read: there is no such bucket",
    );
  });

  test("is not read on after an abort", async () => {
    const abort = new AbortController();
    const source = await open(s3, abort);
    abort.abort(new Error("time is up"));
    await expect(readAll(source)).rejects.toThrow("time is up");
  });
});

describe("a server that", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** An S3 of one object; `answer` gets the byte from which it was asked for. */
  async function serve(answer: (from: number, response: ServerResponse, request: IncomingMessage) => void) {
    server = createServer((request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.setHeader("last-modified", new Date(0).toUTCString());
      response.setHeader("etag", '"tag"');
      answer(from, response, request);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Promises the rest of the object, sends some of it, and hangs up. */
  function sendSome(response: ServerResponse, from: number, bytes: number) {
    const rest = content.subarray(from);
    response.writeHead(from === 0 ? 200 : 206, { "content-length": rest.length });
    if (bytes >= rest.length) response.end(rest);
    else response.write(rest.subarray(0, bytes), () => response.destroy());
  }

  test("hangs up midway is asked for the rest of the same object", async () => {
    const asked: unknown[] = [];
    const s3 = await serve((from, response, request) => {
      asked.push(request.headers.range && request.headers["if-match"]);
      sendSome(response, from, 900_001);
    });
    expect(await readAll(await open(s3))).toEqual(expected);
    expect(asked).toEqual([undefined, '"tag"', '"tag"']);
  });

  test("has another object when it is asked for the rest fails the reading", async () => {
    const s3 = await serve((from, response) => {
      if (from === 0) return sendSome(response, from, 900_000);
      response.writeHead(412).end("<Error><Code>PreconditionFailed</Code></Error>");
    });
    await expect(readAll(await open(s3))).rejects.toThrow(
      `source, ${uri}: it cannot be read: it was replaced`,
    );
  });

  test("sends the object from its start again, instead of the rest, fails the reading", async () => {
    const s3 = await serve((_, response) => sendSome(response, 0, 900_000));
    await expect(readAll(await open(s3))).rejects.toThrow("S3 answered with another range");
  });

  test("hangs up and then sends nothing more fails the reading", async () => {
    const s3 = await serve((from, response) => sendSome(response, from, from === 0 ? 900_000 : 0));
    await expect(readAll(await open(s3))).rejects.toThrow(
      new RegExp(`900000 of its ${content.length} bytes could be read`),
    );
  });

  test("sends bytes that are not those of the checksum fails the reading", async () => {
    const s3 = await serve((from, response) => {
      response.setHeader("x-amz-checksum-crc32", "AAAAAA==");
      sendSome(response, from, content.length);
    });
    await expect(readAll(await open(s3))).rejects.toThrow(/Checksum mismatch/);
  });

  test("refuses access fails the opening, and the message says what to grant", async () => {
    const s3 = await serve((_, response) =>
      response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>"),
    );
    await expect(open(s3)).rejects.toThrow(/the function may not read it: that takes s3:GetObject/);
  });

  test("is faster than the reader is not read ahead of", async () => {
    let sent = 0;
    const s3 = await serve(async (_, response) => {
      response.writeHead(200, { "content-length": 1 << 30 });
      response.write("email\n");
      const block = Buffer.alloc(1 << 20, "reader@example.fr\n");
      while (!response.destroyed) {
        sent += block.length;
        if (!response.write(block)) await once(response, "drain").catch(() => {});
      }
    });
    const source = await open(s3);
    const batches = source.batches()[Symbol.asyncIterator]();
    await batches.next();
    // Long enough for a server on this machine to send it all.
    for (let turn = 0; turn < 2000; turn++) await new Promise(setImmediate);
    expect(sent).toBeLessThan(64 << 20);
    await source.close();
  });
});
