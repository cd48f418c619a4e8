import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CredentialError } from "../../functions/domain/errors.ts";
import {
  createSecretReader,
  createSecretWriter,
  type ReadSecret,
  type WriteSecret,
} from "../../functions/platform/secrets.ts";
import { type EmbeddedSecrets, startEmbeddedSecrets } from "../../infra/local/embedded-secrets.ts";
import { scriptedServer } from "./http/scripted-server.ts";

let server: EmbeddedSecrets;
let read: ReadSecret;
let write: WriteSecret;
beforeAll(async () => {
  const secrets = { "app/token": { refreshToken: "one" }, "app/text": "s3cret {" };
  server = await startEmbeddedSecrets({ secrets });
  read = createSecretReader(clientOf(server.url));
  write = createSecretWriter(clientOf(server.url));
});
afterAll(() => server.stop());

function clientOf(endpoint: string): SecretsManagerClient {
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  return new SecretsManagerClient({ endpoint, region: "eu-west-3", credentials });
}

const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );

test("a value that was written is the one that is read from then on", async () => {
  expect(await read("app/token")).toEqual({ refreshToken: "one" });
  await write("app/token", { refreshToken: "two" });
  expect(await read("app/token")).toEqual({ refreshToken: "two" });
});

test("a value that is not JSON is an error that does not quote it", async () => {
  const error = await failureOf(read("app/text"));
  expect(error).toBeInstanceOf(CredentialError);
  expect(error.message).toContain('the secret "app/text" does not work: its value is not JSON');
  expect(`${error.stack} ${error.cause}`).not.toContain("s3cret");
});

describe("what AWS refuses is an error that names the secret", () => {
  test("when there is no such secret", async () => {
    const reading = await failureOf(read("app/other"));
    expect(reading).toBeInstanceOf(CredentialError);
    expect(reading.message).toContain(
      '"app/other" does not work: there is no such secret, or it has no value',
    );
    const writing = await failureOf(write("app/other", {}));
    expect(writing).toBeInstanceOf(CredentialError);
    expect(writing.message).toContain('"app/other" does not work: there is no such secret.');
  });

  test.each([
    ["AccessDeniedException", "the function is not allowed to write it"],
    ["EncryptionFailure", "its value cannot be encrypted"],
    ["InvalidRequestException", "it is being deleted"],
  ])("when writing it fails with %s", async (type, problem) => {
    const { url } = await scriptedServer((response) => {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ __type: type }));
    });
    const error = await failureOf(createSecretWriter(clientOf(url))("app/token", { refreshToken: "s3cret" }));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error.message).toContain(`the secret "app/token" does not work: ${problem}`);
    expect(JSON.stringify(error) + error.stack).not.toContain("s3cret");
  });
});
