import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";

const run = (...flags: string[]) =>
  fork("infra/sandbox/main.ts", flags, { stdio: ["ignore", "pipe", "pipe", "ipc"] });

describe.concurrent("npm run sandbox", () => {
  test("is Ownpage's unless another provider is named", async () => {
    const command = run("--port", "0");
    const output = text(command.stdout!);
    await once(command, "message");
    command.kill("SIGTERM");
    expect(await output).toMatch(/^Ownpage sandbox: /);
  });

  test("refuses a provider that has no sandbox, and names those that have one", async () => {
    const command = run("--provider", "carrier-pigeon");
    const errors = text(command.stderr!);
    expect(await once(command, "exit")).toEqual([1, null]);
    expect(await errors).toContain('There is no sandbox of "carrier-pigeon"');
    expect(await errors).toContain("ownpage or constant-contact");
  });
});
