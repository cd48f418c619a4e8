import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  ProviderContractError,
  ProviderUnavailableError,
} from "../../../functions/domain/provider-errors.ts";
import { systemClock } from "../../../functions/platform/clock.ts";
import { createHttp } from "../../../functions/platform/http/http.ts";
import { openBody, type StreamedBody } from "../../../functions/platform/http/http-stream.ts";
import { type Answer, cut, plain, scriptedServer, status } from "./scripted-server.ts";

const timeoutMs = 100;

async function open(answers: Answer[], signal = new AbortController().signal): Promise<StreamedBody> {
  const server = await scriptedServer(...answers);
  const http = createHttp({ timeoutMs, retries: 1, clock: { ...systemClock, wait: async () => undefined } });
  const endpoint = "GET /file";
  return http.request({
    endpoint,
    method: "GET",
    url: server.url,
    signal,
    read: async (response) => openBody(response, { endpoint, signal, timeoutMs }),
  });
}

describe("a streamed body", () => {
  test("arrives whole, with its declared length", async () => {
    const { signal } = new AbortController();
    const whole = plain("a,b\n1,2\n", { "content-length": "8" });
    const { stream, expectedBytes } = await open([status(503), whole], signal);
    expect([await text(stream), expectedBytes]).toEqual(["a,b\n1,2\n", 8]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("has no declared length when it is compressed or chunked", async () => {
    const body = gzipSync("a,b");
    const compressed: Answer = (response) =>
      response.writeHead(200, { "content-encoding": "gzip", "content-length": body.length }).end(body);
    const { stream, expectedBytes } = await open([compressed]);
    expect([await text(stream), expectedBytes]).toEqual(["a,b", undefined]);
    const chunked: Answer = (response) => {
      response.write("a");
      response.end("b");
    };
    expect((await open([chunked])).expectedBytes).toBeUndefined();
  });

  test("is empty, with a certain end, when there is none", async () => {
    const { stream, expectedBytes, isEndCertain } = await open([status(204)]);
    expect([await text(stream), expectedBytes, isEndCertain]).toEqual(["", 0, true]);
  });

  test.each([201, 202, 203, 205, 206])(
    "is not opened when status %i says that it is not whole",
    async (code) => {
      const error = await open([status(code)]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ProviderContractError);
      expect((error as Error).message).toBe(`GET /file: answered with status ${code}, not with 200`);
    },
  );

  test("that is compressed breaks if it is cut, wherever that is", async () => {
    const body = gzipSync("a,b\n1,2\n".repeat(9));
    for (const bytes of [0, 5, 12, body.length - 9, body.length - 1]) {
      const part = body.subarray(0, bytes);
      const answer: Answer = (response) =>
        response.writeHead(200, { "content-encoding": "gzip", "content-length": bytes }).end(part);
      const { stream } = await open([answer]);
      await expect(text(stream), `${bytes} bytes`).rejects.toThrow(/body cut short/);
    }
  });

  test.each<[string, boolean, Answer]>([
    ["declares its length", true, plain("a,b", { "content-length": "3" })],
    [
      "declares its length and is compressed",
      true,
      (response) => {
        const body = gzipSync("a,b");
        response.writeHead(200, { "content-encoding": "gzip", "content-length": body.length }).end(body);
      },
    ],
    ["is chunked", true, (response) => response.write("a,") && response.end("b")],
    [
      "ends where its connection does",
      false,
      (response) => response.socket?.end("HTTP/1.1 200 OK\r\n\r\na,b"),
    ],
  ])("that %s has a certain end: %s", async (_, isEndCertain, answer) => {
    const body = await open([answer]);
    expect([await text(body.stream), body.isEndCertain]).toEqual(["a,b", isEndCertain]);
  });

  test("fails when its last chunk is missing", async () => {
    const { stream } = await open([(response) => response.write("a,b", () => response.socket?.end())]);
    await expect(text(stream)).rejects.toThrow("a body cut short after 3 bytes");
  });

  test("may take longer than an attempt, as long as bytes keep arriving", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let response: ServerResponse | undefined;
    const start: Answer = (started) => {
      response = started;
      response.write("x");
    };
    const { stream } = await open([start]);
    let received = "";
    for await (const bytes of stream) {
      received += bytes;
      vi.advanceTimersByTime(timeoutMs - 1);
      if (received.length < 8) response?.write("x");
      else response?.end();
    }
    expect(received).toBe("xxxxxxxx");
  });

  test("fails when it is cut short, and is not retried", async () => {
    const { stream } = await open([cut("a,b\n1,")]);
    const error = await text(stream).catch((error: Error) => error);
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect((error as Error).message).toBe("GET /file failed once with a body cut short after 6 bytes");
  });

  test("fails when no more bytes arrive", async () => {
    const { stream } = await open([(response) => response.write("a")]);
    await expect(text(stream)).rejects.toThrow("a time-out after 100 ms");
  });

  test("ends with the signal's reason when that fires", async () => {
    const run = new AbortController();
    const { stream } = await open([(response) => response.write("a")], run.signal);
    const reason = new Error("the time is over");
    setTimeout(() => run.abort(reason), 10);
    await expect(text(stream)).rejects.toBe(reason);
  });

  test("closes the connection when its reader stops", async () => {
    const closed = vi.fn();
    const { stream } = await open([
      (response) => {
        response.on("close", closed);
        response.write("a");
      },
    ]);
    for await (const _chunk of stream) break;
    await vi.waitUntil(() => closed.mock.calls.length === 1);
    expect(stream.destroyed).toBe(true);
  });
});
