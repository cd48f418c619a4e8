import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Fault } from "../../infra/sandbox/fault.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import { type Connection, connect } from "./ownpage/connect.ts";

const path = "/newsletters/lists/123/subscribers";
const row = { email: "a@example.fr" };

let sandbox: Sandbox;
let connection: Connection;

beforeEach(async () => {
  sandbox = await startSandbox({ lists: [{ id: 123, synthetic: 9 }] });
  connection = await connect(sandbox);
  onTestFinished(() => sandbox.stop());
});

const failWith = (fault: Fault) => sandbox.faults.push({ match: { path: /subscribers$/ }, times: 1, fault });
const write = () => connection.send("POST", path, row);
const isWritten = () => sandbox.list(123).get(row.email) !== undefined;

describe("a fault", () => {
  test("with a status answers it with its Retry-After and its body, and applies nothing", async () => {
    failWith({ kind: "status", status: 503, retryAfter: 2, body: "later" });
    const answer = await write();
    expect([answer.status, answer.headers.get("retry-after"), await answer.json()]).toEqual([
      503,
      "2",
      "later",
    ]);
    expect(isWritten()).toBe(false);
  });

  test("that resets the connection applies nothing", async () => {
    failWith({ kind: "reset" });
    await expect(write()).rejects.toThrow();
    expect(isWritten()).toBe(false);
    expect(sandbox.requests.at(-1)).toMatchObject({ status: undefined, fault: "reset", rows: [] });
  });

  test("that loses the answer applies the request", async () => {
    failWith({ kind: "lost" });
    await expect(write()).rejects.toThrow();
    expect(isWritten()).toBe(true);
    expect(sandbox.requests.at(-1)).toMatchObject({ status: 200, fault: "lost", rows: [row] });
  });

  test("that cuts the answer announces all of it and sends half", async () => {
    failWith({ kind: "cut" });
    const answer = await connection.send("GET", path);
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(100);
    await expect(answer.text()).rejects.toThrow();
  });

  test("that hangs never answers", async () => {
    failWith({ kind: "hang" });
    failWith({ kind: "hang" });
    const signal = AbortSignal.timeout(50);
    await expect(fetch(`${sandbox.url}${path}`, { signal })).rejects.toThrow("timeout");
    const arrived = new Promise((resolve) => sandbox.onRequest(resolve));
    const hanging = expect(write()).rejects.toThrow();
    await arrived;
    await sandbox.stop();
    await hanging;
  });

  test("with garbage answers with an HTML page", async () => {
    failWith({ kind: "garbage" });
    const answer = await write();
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain("<h1>");
    expect(isWritten()).toBe(false);
  });

  test("of the wrong shape answers with an undocumented object", async () => {
    failWith({ kind: "wrongShape" });
    expect(await connection.read(path)).toEqual({ unexpected: true });
  });
});

describe("a rule", () => {
  const statuses = async (method: string, calls: number) => {
    const seen = [];
    for (let call = 0; call < calls; call++)
      seen.push((await connection.send(method, path, method === "POST" ? row : undefined)).status);
    return seen;
  };

  test("applies to its method only, after a number of matches, a number of times", async () => {
    sandbox.faults.push({
      match: { method: "post", path: "LIST|subscribers$" },
      after: 1,
      times: 2,
      fault: { kind: "status", status: 500 },
    });
    expect(await statuses("GET", 2)).toEqual([200, 200]);
    expect(await statuses("POST", 4)).toEqual([200, 500, 500, 200]);
  });

  test("may apply to writes of certain rows only, or of many", async () => {
    const page = "<html>nginx</html>";
    sandbox.faults.push({ match: { row: /zoe/i }, fault: { kind: "status", status: 500, html: page } });
    sandbox.faults.push({ match: { rowsAbove: 2 }, fault: { kind: "status", status: 413, html: page } });
    const send = (...emails: string[]) =>
      connection.send(
        "POST",
        path,
        emails.map((email) => ({ email })),
      );
    const answers = [
      await send("a@x.fr", "b@x.fr"),
      await send("a@x.fr", "Zoe@x.fr"),
      await send("a@x.fr", "b@x.fr", "c@x.fr"),
      await connection.send("GET", path),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 413, 200]);
    expect(await answers[2]!.text()).toBe(page);
    expect(sandbox.list(123).get("c@x.fr")).toBeUndefined();
  });

  test("without a number of times applies until it is removed", async () => {
    sandbox.faults.push({ match: {}, fault: { kind: "status", status: 429 } });
    expect(await statuses("GET", 3)).toEqual([429, 429, 429]);
    sandbox.faults.length = 0;
    expect(await statuses("GET", 1)).toEqual([200]);
  });

  test("yields to an earlier rule", async () => {
    sandbox.faults.push({ match: {}, times: 1, fault: { kind: "status", status: 500 } });
    sandbox.faults.push({ match: {}, times: 2, fault: { kind: "status", status: 503 } });
    expect(await statuses("GET", 3)).toEqual([500, 503, 200]);
  });
});

test("the error of a listener is in the answer", async () => {
  sandbox.onRequest(() => {
    throw new Error("the test is wrong");
  });
  const answer = await write();
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { status: 500, cause: "Error: the test is wrong" },
  ]);
});

test("delayed requests wait in parallel", async () => {
  await using slow = await startSandbox({ delayMs: 50 });
  const { read } = await connect(slow);
  const start = performance.now();
  await Promise.all(Array.from({ length: 10 }, () => read("/newsletters/lists")));
  expect(performance.now() - start).toBeGreaterThan(48);
  expect(performance.now() - start).toBeLessThan(250);
});
