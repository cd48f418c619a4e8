import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** A key and its certificate, both in PEM. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
}

/** An authority that certifies servers' names, its own certificate signed by itself. */
export interface Authority extends Identity {
  certify(host: string, validity?: { readonly until: Date }): Identity;
}

const day = 86_400_000;
const tomorrow = () => new Date(Date.now() + day);

/** Makes an authority of its own. Node can read certificates, but not make them. */
export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, key: privateKey };
  const isAuthority = extension("551d13", sequence(der(0x01, 0xff)));
  return {
    key: pemOf(privateKey),
    certificate: issue(issuer, { name, publicKey, extension: isAuthority, until: tomorrow() }),
    certify(host, { until } = { until: tomorrow() }) {
      const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const subject = { name: host, publicKey: server.publicKey, extension: namesOf(host), until };
      return { key: pemOf(server.privateKey), certificate: issue(issuer, subject) };
    },
  };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
  readonly until: Date;
}

/** An X.509 certificate of version 3 (RFC 5280), signed by ECDSA with SHA-256. */
function issue(
  issuer: { name: string; key: KeyObject },
  { name, publicKey, extension, until }: Subject,
): string {
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const since = new Date(until.getTime() - 2 * day);
  const content = sequence(
    der(0xa0, der(0x02, 2)),
    der(0x02, 1, ...randomBytes(8)),
    algorithm,
    commonName(issuer.name),
    sequence(time(since), time(until)),
    commonName(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, 0, ...sign("sha256", content, issuer.key));
  const base64 = sequence(content, algorithm, signature).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, ...Buffer.from(name)))));
}

/** The names and addresses for which a certificate is valid. */
function namesOf(host: string): Buffer {
  const name = isIPv4(host) ? der(0x87, ...host.split(".").map(Number)) : der(0x82, ...Buffer.from(host));
  return extension("551d11", sequence(name));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function oid(hex: string): Buffer {
  return der(0x06, ...Buffer.from(hex, "hex"));
}

function time(date: Date): Buffer {
  return der(0x18, ...Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, "")));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** A value of ASN.1 with its tag and length. */
function der(tag: number, ...parts: (number | Buffer)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : part)));
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}
