import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, describe, expect, test } from "vitest";
import { startEmbeddedSecrets } from "../../infra/local/embedded-secrets.ts";
import { KeptSecrets } from "../../infra/local/kept-secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, "local", `${++files}.json`);

/** What a function does in one run of the embedded Secrets Manager. */
async function run<T>(
  options: { file: string; secrets?: Record<string, unknown> },
  act: (client: SecretsManagerClient) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedSecrets(options);
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  const client = new SecretsManagerClient({ endpoint: server.url, region: "eu-west-3", credentials });
  return act(client).finally(() => server.stop());
}

const read = (options: { file: string; secrets?: Record<string, unknown> }) =>
  run(options, async (client) =>
    JSON.parse((await client.send(new GetSecretValueCommand({ SecretId: "account" }))).SecretString ?? ""),
  );
const write = (options: { file: string; secrets?: Record<string, unknown> }, value: string) =>
  run(options, (client) =>
    client.send(new PutSecretValueCommand({ SecretId: "account", SecretString: JSON.stringify({ value }) })),
  );
const given = (value: string) => ({ account: { value } });

describe("what is written into the embedded Secrets Manager", () => {
  test("is kept from run to run, though the same old value is given each time", async () => {
    const file = newFile();
    await write({ file, secrets: given("one") }, "two");
    await write({ file, secrets: given("one") }, "three");
    expect(await read({ file, secrets: given("one") })).toEqual({ value: "three" });
  });

  test("gives way to another value that is given, until that is written over", async () => {
    const file = newFile();
    await write({ file, secrets: given("one") }, "two");
    expect(await read({ file, secrets: given("new") })).toEqual({ value: "new" });
    await write({ file, secrets: given("new") }, "newer");
    expect(await read({ file, secrets: given("new") })).toEqual({ value: "newer" });
  });

  test("needs not be given at all", async () => {
    const file = newFile();
    await run({ file }, (client) =>
      client.send(new CreateSecretCommand({ Name: "account", SecretString: '{"value":"one"}' })),
    );
    expect(await read({ file })).toEqual({ value: "one" });
    expect(new KeptSecrets(file).names).toEqual(["account"]);
  });

  test("counts more than what was given before it, and less than what is given later", async () => {
    const file = newFile();
    new KeptSecrets(file).keep("account", '{"value":"authorised"}');
    expect(await read({ file, secrets: given("old") })).toEqual({ value: "authorised" });
    expect(await read({ file, secrets: given("new") })).toEqual({ value: "new" });
  });

  test("can be read by its owner alone", async () => {
    const file = newFile();
    await write({ file, secrets: given("one") }, "two");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is never guessed at: a file that is damaged is an error that names it and quotes nothing", async () => {
    const file = newFile();
    await write({ file, secrets: given("one") }, "two");
    writeFileSync(file, '{"account":{"value":"s3cret"');
    await expect(startEmbeddedSecrets({ file })).rejects.toThrow(`${file} cannot be read: delete it`);
    await expect(startEmbeddedSecrets({ file })).rejects.not.toThrow("s3cret");
  });
});

test("nothing that was only given is kept", async () => {
  const file = newFile();
  await read({ file, secrets: given("one") });
  expect(new KeptSecrets(file).names).toEqual([]);
});
