import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CredentialError } from "../domain/errors.ts";

/** Reads a secret's current value, parsed as JSON. */
export type ReadSecret = (name: string) => Promise<unknown>;

const operatorsFaults: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "there is no such secret, or it has no value yet",
  AccessDeniedException: "the function is not allowed to read it",
  DecryptionFailure: "its value can not be decrypted",
  InvalidRequestException: "it is being deleted",
};

/** @throws CredentialError, by the function it returns, when the secret can not be read or is not JSON */
export function createSecretReader(client: SecretsManagerClient): ReadSecret {
  return async (name) => {
    const value = await client.send(new GetSecretValueCommand({ SecretId: name })).catch((error: Error) => {
      const fault = operatorsFaults[error.name];
      throw fault === undefined ? error : new CredentialError(name, fault, { cause: error });
    });
    try {
      return JSON.parse(value.SecretString ?? "");
    } catch {
      // No cause: the parser's message quotes the secret.
      throw new CredentialError(name, "its value is not JSON");
    }
  };
}
