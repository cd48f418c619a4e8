import { describe, expect, test } from "vitest";
import { tlsHint, tlsOf } from "../../../functions/platform/database/tls.ts";

const remote = {
  host: "db.abc.eu-west-3.rds.amazonaws.com",
  port: 5432,
  username: "",
  password: "",
  dbname: "",
};
const isEncrypted = (change: Partial<Parameters<typeof tlsOf>[0]>) =>
  tlsOf({ ...remote, ...change }) !== false;

describe("the connection", () => {
  test("is encrypted and verified, except on this machine", () => {
    const tls = tlsOf(remote);
    expect(tls).toMatchObject({ ca: expect.arrayContaining([expect.stringContaining("CERTIFICATE")]) });
    expect(tls).not.toHaveProperty("checkServerIdentity");
    for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "/tmp"])
      expect(isEncrypted({ host })).toBe(false);
    for (const host of ["10.0.0.1", "localhost.example.fr", "127.example.fr"])
      expect(isEncrypted({ host })).toBe(true);
  });

  test("is as the secret says, if it does", () => {
    expect(isEncrypted({ ssl: false })).toBe(false);
    expect(isEncrypted({ ssl: true, host: "localhost" })).toBe(true);
    expect(isEncrypted({ ssl: false, sslmode: "verify-full" })).toBe(false);
  });

  test("is verified against the secret's authorities alone, and encrypted on this machine, too", () => {
    const ca = ["an authority"];
    expect(tlsOf({ ...remote, ca })).toEqual({ ca });
    expect(isEncrypted({ ca, host: "localhost" })).toBe(true);
    expect(isEncrypted({ ca, ssl: false })).toBe(false);
  });

  test.each([
    ["disable", false, false],
    ["allow", false, true],
    ["prefer", false, true],
    ["require", true, true],
    ["verify-ca", true, true],
    ["verify-full", true, true],
  ] as const)(
    "with the sslmode %s is encrypted on this machine: %s, to another: %s",
    (sslmode, here, there) => {
      expect(isEncrypted({ sslmode, host: "localhost" })).toBe(here);
      expect(isEncrypted({ sslmode })).toBe(there);
    },
  );

  test("with the sslmode verify-ca accepts a certificate for another name, and only then", () => {
    expect(tlsOf({ ...remote, sslmode: "verify-ca" })).toHaveProperty("checkServerIdentity");
    expect(tlsOf({ ...remote, sslmode: "require" })).not.toHaveProperty("checkServerIdentity");
    expect(tlsOf({ ...remote, ssl: true, sslmode: "verify-ca" })).toHaveProperty("checkServerIdentity");
  });
});

test.each([
  [
    "SELF_SIGNED_CERT_IN_CHAIN",
    /no authority that is known here.*"ca" in PEM.*NODE_EXTRA_CA_CERTS.*"ssl": false/,
  ],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /NODE_EXTRA_CA_CERTS/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /for another name than the host/],
  ["CERT_HAS_EXPIRED", /has expired/],
])("a handshake that fails with %s tells what to do", (code, hint) => {
  expect(tlsHint(Object.assign(new Error("no"), { code }), remote)).toMatch(hint);
});

test("a certificate that is not of the secret's authorities is told as such", () => {
  const error = Object.assign(new Error("no"), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
  expect(tlsHint(error, { ...remote, ca: [] })).toMatch(/signed by no authority of the secret's "ca"/);
});

test("a connection that fails otherwise gets no hint", () => {
  expect(tlsHint(Object.assign(new Error("no"), { code: "ECONNREFUSED" }), remote)).toBeUndefined();
});
