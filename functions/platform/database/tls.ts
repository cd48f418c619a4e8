import { existsSync, readFileSync } from "node:fs";
import { type ConnectionOptions, getCACertificates } from "node:tls";
import type { DatabaseSecret } from "./database-secret.ts";

/** Lambda's file of the CAs that sign the certificates of RDS and Aurora; Node does not load it by itself. */
const lambdaCaFile = "/var/runtime/ca-cert.pem";

const loopback = /^(localhost|127(\.\d+){3}|::1|\/.*)$/;
const withoutEncryption = 'if the network between is trusted, the secret may say "ssl": false';
const unknownAuthority =
  `its certificate is signed by no authority that is known here: put the authority's certificate into the secret, as ` +
  `"ca" in PEM, or name a file with it in the environment variable NODE_EXTRA_CA_CERTS; ${withoutEncryption}`;
const otherAuthority = `its certificate is signed by no authority of the secret's "ca": give the certificate of the one that signed it`;

/** What is to be done where the server's certificate, or its lack of one, ends the handshake. */
const hints: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name than the host that was asked for: give the name as "host", or the secret may say "sslmode": "verify-ca"',
};
const noEncryption = /does not support SSL/;

/**
 * Encrypts the connection and verifies the server's name and certificate, unless the server is on this machine or the
 * secret says otherwise. The authorities are those of the secret, or else the public ones, those of NODE_EXTRA_CA_CERTS
 * and, in Lambda, those of RDS.
 */
export function tlsOf(database: DatabaseSecret): ConnectionOptions | false {
  if (!isEncrypted(database)) return false;
  return {
    ca: database.ca ?? knownAuthorities(),
    ...(database.sslmode === "verify-ca" && { checkServerIdentity: () => undefined }),
  };
}

/** What to do about a handshake that failed; undefined if it was not for encryption. */
export function tlsHint(
  { code = "", message }: { code?: string | undefined; message: string },
  { ca }: DatabaseSecret,
): string | undefined {
  if (noEncryption.test(message)) return `it does not encrypt connections: ${withoutEncryption}`;
  const hint = hints[code];
  return hint === unknownAuthority && ca !== undefined ? otherAuthority : hint;
}

function isEncrypted({ host, authentication, ca, ssl, sslmode = "prefer" }: DatabaseSecret): boolean {
  if (ssl !== undefined) return ssl;
  if (sslmode === "disable") return false;
  const isWanted = authentication === "iam" || ca !== undefined || !["allow", "prefer"].includes(sslmode);
  return isWanted || !loopback.test(host);
}

function knownAuthorities(): string[] {
  const lambdaCas = existsSync(lambdaCaFile) ? [readFileSync(lambdaCaFile, "utf8")] : [];
  return [...getCACertificates("default"), ...lambdaCas];
}
