import { describe, expect, test } from "vitest";
import { parseDatabaseSecret, tlsOf } from "../../../functions/platform/database/database-secret.ts";

const rds = {
  engine: "postgres",
  host: "db.abc.eu-west-3.rds.amazonaws.com",
  port: 5432,
  username: "reader",
  password: "s3cret",
  dbname: "readers",
};
const parse = (value: unknown) => parseDatabaseSecret("the-secret", value);

describe("a database's secret", () => {
  test("is read as RDS writes it, and other fields are ignored", () => {
    expect(parse({ ...rds, dbInstanceIdentifier: "x" })).toEqual(rds);
  });

  test("may have text in every field, as the console's form saves it", () => {
    expect(parse({ ...rds, port: "6432", ssl: "false" })).toEqual({ ...rds, port: 6432, ssl: false });
  });

  test("needs neither port nor dbname", () => {
    const { port: _, dbname: __, ...short } = rds;
    expect(parse(short)).toMatchObject({ port: 5432, dbname: "postgres" });
  });

  test.each([
    ["host", { host: undefined }],
    ["port", { port: "s3cret" }],
    ["username, password", { username: "", password: 12 }],
    ["engine", { engine: "mysql-s3cret" }],
    ["ssl", { ssl: "s3cret" }],
  ])("with an invalid %s is refused by that field, and no value is shown", (fields, change) => {
    const parsing = () => parse({ ...rds, ...change });
    expect(parsing).toThrow(new RegExp(`^the secret "the-secret" does not work: ${fields} cannot be used`));
    expect(parsing).not.toThrow(/s3cret/);
  });

  test.each([["s3cret"], [null], [[]]])("that is not an object is refused", (value) => {
    expect(() => parse(value)).toThrow(/^the secret "the-secret" does not work/);
  });
});

describe("the connection", () => {
  const isEncrypted = (change: object) => tlsOf(parse({ ...rds, ...change })) !== false;

  test("is encrypted and verified, except on this machine", () => {
    expect(tlsOf(parse(rds))).toMatchObject({
      ca: expect.arrayContaining([expect.stringContaining("CERTIFICATE")]),
    });
    for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "/tmp"])
      expect(isEncrypted({ host })).toBe(false);
    for (const host of ["10.0.0.1", "localhost.example.fr", "127.example.fr"])
      expect(isEncrypted({ host })).toBe(true);
  });

  test("is as the secret says, if it does", () => {
    expect(isEncrypted({ ssl: false })).toBe(false);
    expect(isEncrypted({ ssl: true, host: "localhost" })).toBe(true);
  });
});
