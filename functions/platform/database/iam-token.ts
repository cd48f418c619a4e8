import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SignatureV4 } from "@smithy/signature-v4";

/** RDS accepts no longer time. A connection outlives its token. */
const expiresIn = 900;

/**
 * What RDS takes in place of a password: a request to connect, signed with the credentials of the function's role. It is
 * made without a call to AWS.
 *
 * @param now in ms since the epoch
 */
export async function createIamToken(
  { host, port, username }: { host: string; port: number; username: string },
  now: number,
): Promise<string> {
  // Any client of the SDK finds the region and the credentials, wherever the function runs.
  const { credentials, region, sha256 } = new SecretsManagerClient().config;
  const signer = new SignatureV4({ service: "rds-db", credentials, region, sha256 });
  const server = `${host}:${port}`;
  const request = {
    method: "GET",
    protocol: "https:",
    hostname: host,
    port,
    path: "/",
    query: { Action: "connect", DBUser: username },
    headers: { host: server },
  };
  const { query = {} } = await signer.presign(request, { expiresIn, signingDate: new Date(now) });
  const parameters = Object.entries(query).map(
    ([name, text]) => `${name}=${encodeURIComponent(String(text))}`,
  );
  return `${server}/?${parameters.join("&")}`;
}
