import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { CredentialError } from "../domain/errors.ts";

/** Reads a secret's current value, parsed as JSON. */
export type ReadSecret = (name: string) => Promise<unknown>;

/** Gives an existing secret a new value, stored as JSON. Whoever reads it from then on gets that value. */
export type WriteSecret = (name: string, value: unknown) => Promise<void>;

/** @throws CredentialError, from the returned function, when the secret cannot be read or is not JSON */
export function createSecretReader(client: SecretsManagerClient): ReadSecret {
  return async (name) => {
    const answer = await client
      .send(new GetSecretValueCommand({ SecretId: name }))
      .catch((error: Error) => fail(error, name, "read"));
    try {
      return JSON.parse(answer.SecretString ?? "");
    } catch {
      // No cause: the parser's message quotes the secret.
      throw new CredentialError(name, "its value is not JSON");
    }
  };
}

/** @throws CredentialError, from the returned function, when the secret cannot be written */
export function createSecretWriter(client: SecretsManagerClient): WriteSecret {
  return async (name, value) => {
    await client
      .send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) }))
      .catch((error: Error) => fail(error, name, "write"));
  };
}

/** Of AWS's errors, those that an operator can mend become a CredentialError. */
function fail(error: Error, name: string, action: "read" | "write"): never {
  const operatorsFaults: Readonly<Record<string, string>> = {
    ResourceNotFoundException:
      action === "read" ? "there is no such secret, or it has no value yet" : "there is no such secret",
    AccessDeniedException: `the function is not allowed to ${action} it`,
    DecryptionFailure: "its value cannot be decrypted",
    EncryptionFailure: "its value cannot be encrypted",
    InvalidRequestException: "it is being deleted",
  };
  const fault = operatorsFaults[error.name];
  const isMissing = error.name === "ResourceNotFoundException";
  throw fault === undefined ? error : new CredentialError(name, fault, { cause: error, isMissing });
}
