import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectUsageError, parseConnectCommand } from "../../infra/local/connect-command.ts";
import { startEmbeddedSecrets } from "../../infra/local/embedded-secrets.ts";
import type { SandboxOptions } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import { startSandbox } from "../../infra/sandbox/constant-contact/start-sandbox.ts";

const application = { CONSTANT_CONTACT_CLIENT_ID: "demo", CONSTANT_CONTACT_CLIENT_SECRET: "demo-secret" };

/** Runs the command until it shows the page of consent. */
async function connect(args: readonly string[], { options = {}, variables = {} }: ConnectOptions = {}) {
  const sandbox = await startSandbox({ tokenRequestsPerSecond: 1_000, ...options });
  onTestFinished(() => sandbox.stop());
  const where = ["--port", "0", "--token-url", sandbox.tokenUrl];
  const command = spawn(process.execPath, ["infra/local/connect.ts", "constant-contact", ...args, ...where], {
    env: { PATH: process.env["PATH"], ...application, ...variables },
  });
  onTestFinished(() => void command.kill());
  const output = text(command.stdout);
  let told = "";
  command.stderr.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  const exit = once(command, "exit");
  await expect.poll(() => told, { timeout: 20_000 }).toMatch(/^http.*$/m);
  const page = new URL(/^http.*$/m.exec(told)?.[0] ?? "");
  return { sandbox, page, output, exit, told: () => told };
}

interface ConnectOptions {
  readonly options?: SandboxOptions;
  readonly variables?: Readonly<Record<string, string>>;
}

describe("npm run connect -- constant-contact", { timeout: 60_000 }, () => {
  test("prints credentials whose refresh token the provider takes", async () => {
    const { sandbox, page, output, exit } = await connect(["--print"]);
    expect(page.searchParams.get("scope")).toBe("contact_data offline_access");
    const answer = await fetch(page);
    expect(await answer.text()).toContain("newsletter-sync is authorised");
    expect(await exit).toEqual([0, null]);
    const credentials = JSON.parse(await output);
    expect(credentials).toMatchObject({ clientId: "demo", clientSecret: "demo-secret" });
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: credentials.refreshToken,
    });
    const basic = Buffer.from("demo:demo-secret").toString("base64");
    const refreshed = await fetch(sandbox.tokenUrl, {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body,
    });
    expect(refreshed.status).toBe(200);
  });

  test("stores them in a secret of AWS, which it creates, and prints them nowhere", async () => {
    const secrets = await startEmbeddedSecrets();
    onTestFinished(() => secrets.stop());
    const aws = {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_REGION: "eu-west-3",
      AWS_ACCESS_KEY_ID: "any",
      AWS_SECRET_ACCESS_KEY: "any",
    };
    const { page, output, exit, told } = await connect(["--secret", "news/cc"], { variables: aws });
    await fetch(page);
    expect(await exit).toEqual([0, null]);
    const credentials = { accessKeyId: "any", secretAccessKey: "any" };
    const client = new SecretsManagerClient({ endpoint: secrets.url, region: "eu-west-3", credentials });
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: "news/cc" }));
    const { refreshToken } = JSON.parse(SecretString);
    expect(refreshToken).toBeTypeOf("string");
    expect((await output) + told()).not.toContain(refreshToken);
  });

  test("authorises an application without a secret", async () => {
    const options = { client: "public" } as const;
    const variables = { CONSTANT_CONTACT_CLIENT_SECRET: "" };
    const { page, output, exit } = await connect(["--print"], { options, variables });
    await fetch(page);
    expect(await exit).toEqual([0, null]);
    expect(JSON.parse(await output)).toEqual({ clientId: "demo", refreshToken: expect.any(String) });
  });

  test("takes no answer that it did not ask for, and goes on waiting for its own", async () => {
    const { page, exit } = await connect(["--print"]);
    const callback = page.searchParams.get("redirect_uri") ?? "";
    const forged = new URLSearchParams({ code: "stolen", state: "guessed" });
    expect((await fetch(`${callback}?${forged}`)).status).toBe(404);
    expect((await fetch(`${callback}favicon.ico`)).status).toBe(404);
    await fetch(page);
    expect(await exit).toEqual([0, null]);
  });

  test.each<[string, SandboxOptions, string]>([
    ["a person who declines", { consent: "denied" }, "sent you back with access_denied"],
    ["a provider that refuses the application", { client: "public" }, "answered 401 (invalid_client)"],
  ])("says why %s ends it", async (_, options, problem) => {
    const { page, exit, told, output } = await connect(["--print"], { options });
    expect((await fetch(page)).status).toBe(400);
    expect(await exit).toEqual([1, null]);
    expect(told()).toContain(problem);
    expect(await output).toBe("");
  });
});

test.each([
  [["ownpage", "--print"], "the one provider to connect is constant-contact"],
  [["constant-contact"], "says where the credentials go"],
  [["constant-contact", "--print", "--local", "x"], "says where the credentials go"],
  [["constant-contact", "--print", "--port", "http"], "--port takes a port"],
  [["constant-contact", "--print", "--token-url", "nowhere"], "--token-url takes an address"],
  [["constant-contact", "--client-secret", "x"], "Unknown option"],
])("a command like %j is told how to do it", (args, problem) => {
  expect(() => parseConnectCommand(args)).toThrow(ConnectUsageError);
  expect(() => parseConnectCommand(args)).toThrow(problem);
});

test("the token URL is the provider's own unless another one is given", () => {
  expect(parseConnectCommand(["constant-contact", "--local", "news/cc"])).toEqual({
    place: { kind: "local", secret: "news/cc" },
    port: 4060,
    tokenUrl: "https://authz.constantcontact.com/oauth2/default/v1/token",
  });
});
