import { createHash, createHmac } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { createIamToken } from "../../../functions/platform/database/iam-token.ts";

const host = "db.abc.eu-west-3.rds.amazonaws.com";
const now = Date.UTC(2026, 10, 30, 12, 34, 56);
const secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

afterEach(() => vi.unstubAllEnvs());

test("a token is the signed request that RDS expects, for a quarter of an hour", async () => {
  const token = await tokenOf("newsletter sync+1");
  const url = new URL(`https://${token}`);
  expect(url.host + url.pathname).toBe(`${host}:5432/`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: "connect",
    DBUser: "newsletter sync+1",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20261130/eu-west-3/rds-db/aws4_request",
    "X-Amz-Date": "20261130T123456Z",
    "X-Amz-Expires": "900",
    "X-Amz-Security-Token": "a/session+token=",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": signatureOf(url),
  });
  expect(token).not.toContain(secretKey);
});

async function tokenOf(username: string): Promise<string> {
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretKey);
  vi.stubEnv("AWS_SESSION_TOKEN", "a/session+token=");
  return await createIamToken({ host, port: 5432, username }, now);
}

/** AWS's Signature Version 4 of the URL, by the words of its documentation. */
function signatureOf(url: URL): string {
  const query = url.search
    .slice(1)
    .split("&")
    .filter((parameter) => !parameter.startsWith("X-Amz-Signature="))
    .sort()
    .join("&");
  const request = ["GET", "/", query, `host:${url.host}`, "", "host", sha256("")].join("\n");
  const scope = ["20261130", "eu-west-3", "rds-db", "aws4_request"];
  const key = scope.reduce<string | Buffer>((parent, part) => hmac(parent, part), `AWS4${secretKey}`);
  const toSign = ["AWS4-HMAC-SHA256", "20261130T123456Z", scope.join("/"), sha256(request)].join("\n");
  return hmac(key, toSign).toString("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
