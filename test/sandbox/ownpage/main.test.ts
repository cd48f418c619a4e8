import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startSandbox } from "../../../infra/sandbox/ownpage/start-sandbox.ts";

const start = (...flags: string[]) =>
  fork("infra/sandbox/ownpage/main.ts", flags, { stdio: ["ignore", "pipe", "pipe", "ipc"] });

describe.concurrent("npm run sandbox", () => {
  test("shows its URL, serves, and stops on SIGTERM", async () => {
    const command = start("--port", "0", "--subscribers", "42", "--client", "echo", "--api-key", "secret");
    const output = text(command.stdout!);
    const [{ url }] = (await once(command, "message")) as [{ url: string }];
    const { token } = (await (await fetch(`${url}/token?username=echo&password=secret`)).json()) as {
      token: string;
    };
    const headers = { "X-Ownpage-Client-Token": token };
    const count = await fetch(`${url}/newsletters/lists/123/subscribers/count`, { headers });
    expect(await count.json()).toMatchObject({ subscribed: 38, unsubscribed: 4 });
    command.kill("SIGTERM");
    expect(await once(command, "exit")).toEqual([0, null]);
    expect(await output).toBe(`Ownpage sandbox: ${url}, client echo, API key secret, lists 123 (Daily)\n`);
  });

  test("--help shows how to use it", async () => {
    const command = start("--help");
    expect(await text(command.stdout!)).toContain("npm run sandbox -- [options]");
  });

  test("refuses a port that is taken", async () => {
    await using sandbox = await startSandbox();
    const command = start("--port", new URL(sandbox.url).port);
    expect(await text(command.stderr!)).toContain("the port is taken: choose another --port");
  });

  test.each([
    [["--port", "none"], '--port must be a whole number from 0 to 65535, not "none"'],
    [["--speed", "9"], "Unknown option '--speed'"],
  ])("refuses %j and shows how to use it", async (flags, reason) => {
    const command = start(...flags);
    const errors = text(command.stderr!);
    expect(await once(command, "exit")).toEqual([1, null]);
    expect(await errors).toContain(reason);
    expect(await errors).toContain("npm run sandbox -- [options]");
  });
});
