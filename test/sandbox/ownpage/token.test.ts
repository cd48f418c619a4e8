import { describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../../infra/sandbox/ownpage/sandbox-options.ts";
import { startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";
import { connect } from "./connect.ts";

const good = { username: "demo", password: "demo-key" };
const post = (url: string, body: unknown) =>
  fetch(`${url}/token`, { method: "POST", body: JSON.stringify(body) });
const get = (url: string, query: Record<string, string>) =>
  fetch(`${url}/token?${new URLSearchParams(query)}`);

describe("a token", () => {
  test.each<[NonNullable<SandboxOptions["tokenForms"]>, number, number]>([
    ["both", 200, 200],
    ["post", 200, 405],
    ["get", 405, 200],
  ])("with the forms %s: POST answers %i, GET %i", async (tokenForms, byPost, byGet) => {
    await using sandbox = await startSandbox({ tokenForms });
    expect((await post(sandbox.url, good)).status).toBe(byPost);
    expect((await get(sandbox.url, good)).status).toBe(byGet);
  });

  test("is issued for credentials that need percent-encoding", async () => {
    await using sandbox = await startSandbox({ credentials: { client: "l'écho & co", apiKey: "a+b=c%" } });
    const answer = await get(sandbox.url, { username: "l'écho & co", password: "a+b=c%" });
    expect(await answer.json()).toEqual({ token: expect.any(String) });
  });

  test("is refused for wrong credentials with 401, or with 400 in that dialect", async () => {
    await using sandbox = await startSandbox();
    await using other = await startSandbox({ badCredentialsStatus: 400 });
    const wrong = { ...good, password: "guess" };
    expect((await post(sandbox.url, wrong)).status).toBe(401);
    expect((await post(sandbox.url, "demo")).status).toBe(401);
    const answer = await post(other.url, wrong);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ status: 400, cause: "Invalid credentials" });
  });

  test("is required by every call", async () => {
    await using sandbox = await startSandbox();
    const connection = await connect(sandbox);
    expect((await fetch(`${sandbox.url}/newsletters/lists`)).status).toBe(401);
    const headers = { "X-Ownpage-Client-Token": "unknown" };
    expect((await connection.send("GET", "/newsletters/lists", undefined, headers)).status).toBe(401);
    expect((await connection.send("GET", "/newsletters/lists")).status).toBe(200);
  });

  test("expires on demand, and the next one works", async () => {
    await using sandbox = await startSandbox();
    const connection = await connect(sandbox);
    sandbox.expireTokens();
    expect((await connection.send("GET", "/newsletters/lists")).status).toBe(401);
    expect((await (await connect(sandbox)).send("GET", "/newsletters/lists")).status).toBe(200);
  });

  test("expires after a number of calls", async () => {
    await using sandbox = await startSandbox({ tokenCalls: 2 });
    const { send } = await connect(sandbox);
    const statuses = [];
    for (let call = 0; call < 4; call++) statuses.push((await send("GET", "/newsletters/lists")).status);
    expect(statuses).toEqual([200, 200, 401, 401]);
  });
});
