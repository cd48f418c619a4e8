import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { shownIn } from "./connect.ts";

const run = (...flags: string[]) =>
  fork("infra/sandbox/main.ts", flags, { stdio: ["ignore", "pipe", "pipe", "ipc"] });

describe.concurrent("npm run sandbox -- --provider constant-contact", () => {
  test("shows its URLs and its secret, serves, and stops on SIGTERM", async () => {
    const flags = ["--port", "0", "--contacts", "42", "--client-id", "echo", "--refresh-tokens", "the same"];
    const command = run("--provider", "constant-contact", ...flags);
    const output = text(command.stdout!);
    const [{ url }] = (await once(command, "message")) as [{ url: string }];
    const authorization = `Basic ${Buffer.from("echo:demo-secret").toString("base64")}`;
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "demo-refresh-token" });
    const tokenUrl = new URL("/oauth2/default/v1/token", url);
    const tokens = await shownIn(await fetch(tokenUrl, { method: "POST", headers: { authorization }, body }));
    expect(tokens).toMatchObject({ refresh_token: "demo-refresh-token" });
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const counted = await fetch(`${url}/contacts?status=all&include_count=true`, { headers });
    const { contacts_count } = await shownIn(counted);
    expect(contacts_count).toBe(42);
    command.kill("SIGTERM");
    expect(await once(command, "exit")).toEqual([0, null]);
    const secret = { clientId: "echo", clientSecret: "demo-secret", refreshToken: "demo-refresh-token" };
    expect(await output).toBe(
      `Constant Contact sandbox: ${url}, tokens ${tokenUrl}, secret ${JSON.stringify(secret)}, ` +
        "lists 11571157-0000-4000-8000-000000000001 (Daily)\n",
    );
  });

  test("--help shows how to use it", async () => {
    const command = run("--provider", "constant-contact", "--help");
    expect(await text(command.stdout!)).toContain("--refresh-token TEXT");
  });

  test("refuses a kind of token that there is not", async () => {
    const command = run("--provider", "constant-contact", "--refresh-tokens", "eternal");
    expect(await text(command.stderr!)).toContain('--refresh-tokens must be rotating or "the same"');
  });
});
