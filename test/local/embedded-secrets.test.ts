import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedSecrets, startEmbeddedSecrets } from "../../infra/local/embedded-secrets.ts";

let server: EmbeddedSecrets;
let client: SecretsManagerClient;
beforeAll(async () => {
  server = await startEmbeddedSecrets({ secrets: { "app/key": "one", "app/database": { port: 5432 } } });
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  client = new SecretsManagerClient({ endpoint: server.url, region: "eu-west-3", credentials });
});
afterAll(() => server.stop());

const get = (SecretId: string, VersionStage?: string) =>
  client.send(new GetSecretValueCommand({ SecretId, ...(VersionStage && { VersionStage }) }));

test("a string is stored as it is, anything else as JSON", async () => {
  expect(await get("app/key")).toMatchObject({ Name: "app/key", SecretString: "one" });
  expect((await get("app/database")).SecretString).toBe('{"port":5432}');
});

test("a secret is found by its name, its ARN, and its ARN without the suffix", async () => {
  const { ARN = "" } = await client.send(new DescribeSecretCommand({ SecretId: "app/key" }));
  expect((await get(ARN)).Name).toBe("app/key");
  expect((await get(ARN.slice(0, -7))).Name).toBe("app/key");
});

test("a secret or a version that does not exist is not found", async () => {
  await expect(get("app/other")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(get("app/database", "AWSPREVIOUS")).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("a new value becomes the current version, and the last one the previous version", async () => {
  await client.send(new CreateSecretCommand({ Name: "app/rotated", SecretString: "one" }));
  await client.send(new PutSecretValueCommand({ SecretId: "app/rotated", SecretString: "two" }));
  expect((await get("app/rotated")).SecretString).toBe("two");
  expect((await get("app/rotated", "AWSPREVIOUS")).SecretString).toBe("one");
  server.set("app/rotated", "three");
  expect((await get("app/rotated")).SecretString).toBe("three");
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: "app/rotated" }));
  expect(Object.values(VersionIdsToStages ?? {})).toEqual([["AWSCURRENT"], ["AWSPREVIOUS"]]);
});

test("a secret cannot be created twice", async () => {
  const again = client.send(new CreateSecretCommand({ Name: "app/key", SecretString: "two" }));
  await expect(again).rejects.toMatchObject({ name: "ResourceExistsException" });
});
