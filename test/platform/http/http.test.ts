import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { describeStatus } from "../../../functions/domain/http-status.ts";
import {
  AnswerTooLargeError,
  ProviderContractError,
  ProviderRefusalError,
  ProviderUnavailableError,
} from "../../../functions/domain/provider-errors.ts";
import { systemClock } from "../../../functions/platform/clock.ts";
import { createHttp, type Http, type HttpOptions } from "../../../functions/platform/http/http.ts";
import type { HttpCall } from "../../../functions/platform/http/http-call.ts";
import { readJson } from "../../../functions/platform/http/http-json.ts";
import type { HttpResponse } from "../../../functions/platform/http/send-request.ts";
import { type Answer, cut, hang, json, plain, reset, scriptedServer, status } from "./scripted-server.ts";

const start = Date.UTC(2026, 0, 1);
const secret = "s3cret/token";
const schema = z.object({ count: z.int(), names: z.array(z.string()).optional() });
const good = json({ count: 1 });

interface World {
  readonly http: Http;
  /** The waits between the attempts, in ms. */
  readonly waits: number[];
  get(call?: Partial<HttpCall<unknown>>): Promise<unknown>;
}

/** A server with these answers, and a client whose clock is moved by its own waits only. */
async function world(answers: Answer[], options: Partial<HttpOptions> = {}): Promise<World> {
  const server = await scriptedServer(...answers);
  const waits: number[] = [];
  let now = start;
  const http = createHttp({
    timeoutMs: 5_000,
    retries: 2,
    clock: {
      ...systemClock,
      now: () => now,
      wait: async (ms) => {
        waits.push(ms);
        now += ms;
      },
    },
    random: () => 1,
    ...options,
  });
  const get = (call: Partial<HttpCall<unknown>> = {}) =>
    http.request({
      endpoint: "GET /things/{thing}",
      method: "GET",
      url: `${server.url}/things/jean@example.fr?key=${secret}`,
      headers: { "x-token": secret },
      signal: new AbortController().signal,
      read: (response) => readJson(response, schema),
      ...call,
    });
  return { http, waits, get };
}

const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable("it should have failed"),
    (error: Error) => error,
  );

const transient: [name: string, answer: Answer, last: string][] = [
  ["a connection that is reset", reset, "a network fault (ECONNRESET)"],
  ["a connection that is closed", (response) => response.socket?.destroy(), "a network fault (ECONNRESET)"],
  [
    "bytes that are not HTTP",
    (response) => response.socket?.end("jean@example.fr\r\n\r\n"),
    "a network fault",
  ],
  ["a body that is cut short", cut('{"count":'), "a body cut short"],
  [
    "a body that cannot be decompressed",
    plain("not compressed", { "content-encoding": "gzip" }),
    "a body cut short",
  ],
  [
    "a body in an encoding that was not asked for",
    plain("{}", { "content-encoding": "br" }),
    "a body in an encoding that was not asked for",
  ],
  ["an HTML page", plain("<html>jean@example.fr</html>"), "a body that is not JSON"],
  ["half of a JSON text", plain('{"name":"jean@example.fr"'), "a body that is not JSON"],
  [
    "bytes that are not UTF-8",
    (response) => response.end(Buffer.from([0x22, 0xff, 0x22])),
    "a body that is not JSON",
  ],
  ["an empty body", plain(""), "a body that is not JSON"],
  ...[408, 425, 429, 500, 502, 503, 504, 599].map((code): [string, Answer, string] => [
    `status ${code}`,
    status(code),
    describeStatus(code),
  ]),
];

describe("what is retried", () => {
  test.each(transient)("%s, once, costs one more request", async (_name, answer) => {
    const { http, get } = await world([answer, good]);
    expect(await get()).toEqual({ count: 1 });
    expect(http.requests).toEqual({ sent: 2, retried: 1 });
  });

  test.each(transient)("%s, every time, ends in an error that says so", async (_name, answer, last) => {
    const { http, get } = await world([answer]);
    const error = await failureOf(get());
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect(error.message).toContain(`GET /things/{thing} failed 3 times, the last time with ${last}`);
    expect(http.requests).toEqual({ sent: 3, retried: 2 });
  });

  test("an attempt that takes too long", async () => {
    const { http, get } = await world([hang, good], { timeoutMs: 50 });
    expect(await get()).toEqual({ count: 1 });
    expect(http.requests.retried).toBe(1);
  });

  test("a switch to another protocol, which is not a response", async () => {
    const switches: Answer = (response) =>
      response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
    const { get } = await world([switches], { timeoutMs: 50, retries: 0 });
    expect((await failureOf(get())).message).toContain("failed once with a time-out after 50 ms");
  });

  test("a body that takes too long", async () => {
    const slow: Answer = (response) => response.writeHead(200).write("{");
    const { get } = await world([slow], { timeoutMs: 50, retries: 0 });
    const { message } = await failureOf(get());
    expect(message).toContain("failed once with a time-out after 50 ms");
  });

  test("a body of the wrong shape, which every time is a broken contract that names the fields", async () => {
    const { get } = await world([json({ count: secret, names: [1, 2, 3] })]);
    const error = await failureOf(get());
    expect(error).toBeInstanceOf(ProviderContractError);
    expect(error.message).toBe(
      "GET /things/{thing}: answered 3 times with a body of the wrong shape (count: Invalid input: expected " +
        "number, received string; names.0: Invalid input: expected string, received number; names.1: Invalid " +
        "input: expected string, received number; and 1 more)",
    );
  });

  test("a body of the wrong shape, without showing names that may be values", async () => {
    const { get } = await world([json({ "jean@example.fr": "x" })]);
    const read = (response: HttpResponse) => readJson(response, z.record(z.string(), z.int()));
    expect((await failureOf(get({ read }))).message).toContain("(?: Invalid input: expected number");
  });

  test("a body of the wrong shape after another fault, which together mean an unavailable provider", async () => {
    const { get } = await world([status(503), json([])]);
    expect(await failureOf(get())).toBeInstanceOf(ProviderUnavailableError);
  });

  test("a POST, with its body, as ours set a state", async () => {
    const server = await scriptedServer(reset, good);
    const { http } = await world([good]);
    await http.request({
      endpoint: "POST /things",
      method: "POST",
      url: server.url,
      body: "[1]",
      signal: new AbortController().signal,
      read: (response) => readJson(response, schema),
    });
    expect(server.bodies).toEqual(["[1]", "[1]"]);
  });
});

describe("what is not retried", () => {
  test.each([301, 302, 400, 401, 403, 404, 409, 413, 422, 451])("status %i", async (code) => {
    const { http, get } = await world([status(code, { location: "/elsewhere" })]);
    const error = await failureOf(get());
    expect(error).toBeInstanceOf(ProviderRefusalError);
    expect(error).toMatchObject({ status: code });
    expect(http.requests).toEqual({ sent: 1, retried: 0 });
  });

  test("an error of our own while reading", async () => {
    const { http, get } = await world([good]);
    const mistake = new RangeError("ours");
    const read = () => Promise.reject(mistake);
    expect(await failureOf(get({ read }))).toBe(mistake);
    expect(http.requests.sent).toBe(1);
  });

  test("a refusal, of which the caller makes an error", async () => {
    const { get } = await world([json({ why: "row 3" }, 422)]);
    const refused = (code: number, body: string) => new TypeError(`${code} ${body}`);
    expect((await failureOf(get({ refused }))).message).toBe('422 {"why":"row 3"}');
  });
});

describe("an error of a call whose rows may be why", () => {
  test.each([
    [status(500), true],
    [status(504), true],
    [cut('{"count":'), true],
    [status(429), false],
    [status(503, { "retry-after": "3600" }), false],
  ])("says whether they may be: %#", async (answer, mayBeRows) => {
    const { get } = await world([answer]);
    expect(await failureOf(get({ mayBeRows: true }))).toMatchObject({ mayBeRows });
    expect(await failureOf(get())).toMatchObject({ mayBeRows: false });
  });

  test("says that they are not if nobody answers", async () => {
    const http = createHttp({ timeoutMs: 1_000, retries: 0 });
    const { signal } = new AbortController();
    const call = { endpoint: "POST /", method: "POST", url: "http://127.0.0.1:1/", signal } as const;
    const error = await failureOf(http.request({ ...call, mayBeRows: true, read: async () => undefined }));
    expect(error).toMatchObject({ name: "ProviderUnavailableError", mayBeRows: false });
  });
});

describe("the wait before another attempt", () => {
  test("is drawn from zero to a bound that doubles", async () => {
    const { waits, get } = await world([status(500)], { retries: 8 });
    await failureOf(get());
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    const early = await world([status(500)], { random: () => 0.25 });
    await failureOf(early.get());
    expect(early.waits).toEqual([125, 250]);
  });

  test.each([
    ["7", 7_000],
    ["0", 0],
    ["300", 300_000],
    [new Date(start + 9_000).toUTCString(), 9_000],
    [new Date(start - 9_000).toUTCString(), 0],
    ["soon", 500],
    ["-3", 500],
  ])("is what Retry-After asks for, up to five minutes: %s", async (header, wait) => {
    const { waits, get } = await world([status(429, { "retry-after": header }), good]);
    await get();
    expect(waits).toEqual([wait]);
  });

  test.each([
    ["3600", "2026-01-01T01:00:00.000Z"],
    [new Date(start + 9_000_000).toUTCString(), "2026-01-01T02:30:00.000Z"],
    ["9".repeat(400), "+275760-09-13T00:00:00.000Z"],
  ])("is not started for Retry-After: %s, and the error says when to come back", async (header, until) => {
    const { http, waits, get } = await world([status(429, { "retry-after": header })], { retries: 9 });
    const error = await failureOf(get());
    expect(error).toBeInstanceOf(ProviderUnavailableError);
    expect(error.message).toContain(
      `failed once with status 429 (Too Many Requests); the provider asks to wait until ${until}`,
    );
    expect([waits, http.requests.sent]).toEqual([[], 1]);
  });

  test("is not started when it would end after the deadline", async () => {
    const { http, waits, get } = await world([status(503, { "retry-after": "30" })], { retries: 9 });
    const { message } = await failureOf(get({ deadline: start + 70_000 }));
    expect(message).toContain("failed 3 times, the last time with status 503 (Service Unavailable); ");
    expect(message).toContain("the provider asks to wait until 2026-01-01T00:01:30.000Z");
    expect(waits).toEqual([30_000, 30_000]);
    expect(http.requests.sent).toBe(3);
    const short = await world([status(503)], { random: () => 1 });
    expect((await failureOf(short.get({ deadline: start + 400 }))).message).toContain("no time was left");
  });

  test("is not started when the call's patience is over", async () => {
    const many = await world([status(500)], { retries: 9 });
    await failureOf(many.get({ patience: { attempts: 2, ms: 60_000 } }));
    expect(many.waits).toEqual([500]);
    const long = await world([status(500)], { retries: 9 });
    await failureOf(long.get({ patience: { ms: 3_000 } }));
    expect(long.waits).toEqual([500, 1_000, 2_000]);
  });

  test("is started however little patience the call has, when there are too many requests", async () => {
    const { waits, get } = await world([status(429, { "retry-after": "7" }), good]);
    await get({ patience: { attempts: 1, ms: 0 } });
    expect(waits).toEqual([7_000]);
  });

  test("an attempt is cut short at the deadline", async () => {
    const { get } = await world([hang]);
    const { message } = await failureOf(get({ deadline: start + 50 }));
    expect(message).toContain("failed once with a time-out after 50 ms; no time was left");
  });
});

test.each(["gzip", "GZIP", " x-gzip "])("a compressed body is decompressed: %j", async (encoding) => {
  const compressed: Answer = (response) =>
    response.writeHead(200, { "content-encoding": encoding }).end(gzipSync('{"count":1}'));
  expect(await (await world([compressed])).get()).toEqual({ count: 1 });
});

test("a refusal whose body cannot be decompressed is still a refusal", async () => {
  const garbled: Answer = (response) =>
    response.writeHead(404, { "content-encoding": "gzip" }).end("no gzip");
  const { http, get } = await world([garbled]);
  expect(await failureOf(get())).toBeInstanceOf(ProviderRefusalError);
  expect(http.requests.sent).toBe(1);
});

describe("a body that is too large", () => {
  const bound = 16 * 2 ** 20;
  const inflating = gzipSync(Buffer.alloc(64 * 2 ** 20));
  const inflates =
    (code: number): Answer =>
    (response) =>
      response.writeHead(code, { "content-encoding": "gzip" }).end(inflating);
  const endless: Answer = (response) => {
    const piece = Buffer.alloc(2 ** 20);
    const write = () => {
      while (response.write(piece));
    };
    response.writeHead(200).on("drain", write);
    write();
  };

  test.each([
    ["as it is sent", endless],
    ["only once it is decompressed", inflates(200)],
  ])("%s is not read on and not asked for again, and the error says how much is read", async (_, answer) => {
    const { http, get } = await world([answer]);
    const error = await failureOf(get());
    expect(error).toBeInstanceOf(AnswerTooLargeError);
    expect(error.message).toBe(
      `GET /things/{thing}: its answer has more than ${bound} bytes, and no more than that is read`,
    );
    expect(http.requests).toEqual({ sent: 1, retried: 0 });
  });

  test("leaves a refusal what its status says", async () => {
    const { get } = await world([inflates(404)]);
    expect(await failureOf(get())).toMatchObject({ name: "ProviderRefusalError", status: 404 });
  });
});

describe("the caller's signal", () => {
  const reason = new Error("the time is over");

  test("stops a request in flight, and its reason is thrown unchanged", async () => {
    const run = new AbortController();
    const arrived: Answer = () => run.abort(reason);
    const { http, get } = await world([arrived]);
    expect(await failureOf(get({ signal: run.signal }))).toBe(reason);
    expect(http.requests.sent).toBe(1);
  });

  test("stops the reading of a body", async () => {
    const run = new AbortController();
    const begun: Answer = (response) => response.writeHead(200).write("{", () => run.abort(reason));
    const { get } = await world([begun]);
    expect(await failureOf(get({ signal: run.signal }))).toBe(reason);
  });

  test("stops a wait", async () => {
    const run = new AbortController();
    const server = await scriptedServer(status(503, { "retry-after": "50" }));
    const http = createHttp({ timeoutMs: 1_000, retries: 2 });
    const call = http.request({
      endpoint: "GET /",
      method: "GET",
      url: server.url,
      signal: run.signal,
      read: async () => undefined,
    });
    await vi.waitUntil(() => getEventListeners(run.signal, "abort").length > 0 && server.urls.length === 1);
    run.abort(reason);
    expect(await failureOf(call)).toBe(reason);
  });

  test("prevents any request once it has fired", async () => {
    const { http, get } = await world([good]);
    expect(await failureOf(get({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(http.requests.sent).toBe(0);
  });

  test("collects no listeners over a thousand requests", async () => {
    const { signal } = new AbortController();
    const { http, get } = await world([good, status(503), good, good]);
    for (let n = 0; n < 100; n++) await Promise.all(Array.from({ length: 10 }, () => get({ signal })));
    expect(http.requests.sent).toBe(1_001);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

test("counts a call that the caller repeats as a retry, and reports each request that is sent", async () => {
  const { http, get } = await world([status(503), good]);
  const onSend = vi.fn();
  await get({ repeats: true, onSend });
  expect(http.requests).toEqual({ sent: 2, retried: 2 });
  expect(onSend).toHaveBeenCalledTimes(2);
});

test.each([
  ...transient,
  ["a wrong shape", json({ [secret]: "jean@example.fr", count: secret }), ""] as const,
  ["a refusal", json({ message: `jean@example.fr ${secret}` }, 400), ""] as const,
])("an error shows no address, secret, body or URL: %s", async (_name, answer) => {
  const { get } = await world([answer]);
  const shown = inspect(await failureOf(get()), { depth: null, showHidden: true });
  expect(shown).not.toMatch(/jean|example\.fr|s3cret|127\.0\.0\.1|<html>/);
});

describe("a call that needs a permit", () => {
  test("acquires it before each attempt and releases it afterwards, whatever the outcome", async () => {
    const { get } = await world([status(503), good]);
    const happened: string[] = [];
    const acquire = async () => {
      happened.push("acquired");
      return () => happened.push("released");
    };
    await get({ acquire, onSend: () => happened.push("sent") });
    expect(happened).toEqual(["acquired", "sent", "released", "acquired", "sent", "released"]);
  });

  test("is not sent when it is stopped while it waits", async () => {
    const { http, get } = await world([good]);
    const run = new AbortController();
    const reason = new Error("the time is over");
    const release = vi.fn();
    const acquire = async () => {
      run.abort(reason);
      return release;
    };
    expect(await failureOf(get({ acquire, signal: run.signal }))).toBe(reason);
    await vi.waitFor(() => expect(release).toHaveBeenCalledOnce());
    expect(http.requests.sent).toBe(0);
  });
});
