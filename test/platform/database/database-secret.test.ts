import { describe, expect, test } from "vitest";
import { parseDatabaseSecret } from "../../../functions/platform/database/database-secret.ts";
import { createAuthority } from "./certificates.ts";

const rds = {
  engine: "postgres",
  host: "db.abc.eu-west-3.rds.amazonaws.com",
  port: 5432,
  username: "reader",
  password: "s3cret",
  dbname: "readers",
};
const iam = { authentication: "iam" };
const { certificate } = createAuthority("An authority");
const parse = (value: unknown) => parseDatabaseSecret("the-secret", value);

describe("a database's secret", () => {
  test("is read as RDS writes it, and other fields are ignored", () => {
    expect(parse({ ...rds, dbInstanceIdentifier: "x" })).toEqual(rds);
  });

  test("may have text in every field, as the console's form saves it", () => {
    expect(parse({ ...rds, port: "6432", ssl: "false" })).toEqual({ ...rds, port: 6432, ssl: false });
  });

  test.each([
    "db.example.fr",
    "localhost",
    "10.0.0.7",
    "::1",
    "fe80::1%eth0",
    "2001:DB8::7",
    "/var/run/postgresql",
  ])("may name its server %s", (host) => expect(parse({ ...rds, host })).toMatchObject({ host }));

  test("needs neither port nor dbname", () => {
    const { port: _, dbname: __, ...short } = rds;
    expect(parse(short)).toMatchObject({ port: 5432, dbname: "postgres" });
  });

  test("may leave the place to the source, whose word counts more", () => {
    const place = { host: "db.example.fr", port: 6432, dbname: "news" };
    expect(parseDatabaseSecret("the-secret", { username: "reader", password: "s3cret" }, place)).toEqual({
      username: "reader",
      password: "s3cret",
      ...place,
    });
    expect(parseDatabaseSecret("the-secret", rds, { host: "replica.example.fr" })).toEqual({
      ...rds,
      host: "replica.example.fr",
    });
  });

  test("that RDS manages by itself tells where the rest may be given", () => {
    expect(() => parse({ username: "reader", password: "s3cret" })).toThrow(
      'the secret "the-secret" does not work: it has no host; a secret that RDS manages by itself holds only ' +
        'username and password: give "host", "port" and "dbname" beside "secret" in the list\'s source or returns. ',
    );
  });

  test.each([
    ["as a file has it", certificate],
    ["after other text", `subject=An authority\n${certificate}`],
    ["with Windows line breaks", certificate.replaceAll("\n", "\r\n")],
    ["in one line, as the console's form makes it", certificate.replaceAll("\n", " ")],
    ["with its line breaks escaped twice", certificate.replaceAll("\n", "\\n")],
  ])("may have an authority's certificate %s", (_, ca) => {
    expect(parse({ ...rds, ca })).toEqual({ ...rds, ca: [certificate] });
  });

  test("may have several authorities' certificates", () => {
    const { certificate: another } = createAuthority("Another authority");
    expect(parse({ ...rds, ca: certificate + another })).toMatchObject({ ca: [certificate, another] });
  });

  test("needs no password with IAM authentication, whether it or the place says so", () => {
    const { password: _, ...short } = { ...rds, ...iam };
    expect(parse(short)).toEqual(short);
    expect(parseDatabaseSecret("the-secret", rds, { authentication: "iam" })).toEqual(short);
    expect(parse({ ...rds, authentication: "password" })).toMatchObject(rds);
  });

  test.each([
    ["it has no username, password; expected", { username: undefined, password: undefined }],
    ["port cannot be used; expected", { port: "s3cret" }],
    ["it has no password, and username cannot be used; expected", { username: "", password: undefined }],
    [
      "host has to be the server's name alone: no URL, no port; expected",
      { host: "postgres://reader:s3cret@db/news" },
    ],
    ["host has to be the server's name alone: no URL, no port; expected", { host: "reader:s3cret@db" }],
    ["host has to be the server's name alone: no URL, no port; expected", { host: "db.example.fr:5432" }],
    ["host has to be the server's name alone: no URL, no port; expected", { host: " db.example.fr" }],
    ["host cannot be used; expected", { host: "" }],
    ["engine cannot be used; expected", { engine: "mysql-s3cret" }],
    ["ssl cannot be used; expected", { ssl: "s3cret" }],
    ["sslmode cannot be used; expected", { sslmode: "s3cret" }],
    ["authentication cannot be used; expected", { authentication: "s3cret" }],
    ["it has no password; expected", { authentication: "password", password: undefined }],
    ["ca holds no certificate in PEM; expected", { ca: "s3cret" }],
    ["ca holds no certificate in PEM; expected", { ca: certificate.replace(/\n.{20}/, "s3cret") }],
    ["ca holds no certificate in PEM; expected", { ca: `${certificate}${certificate.slice(0, 80)}` }],
    ["ssl turns off the encryption that IAM authentication needs; expected", { ...iam, ssl: "false" }],
    [
      "sslmode turns off the encryption that IAM authentication needs; expected",
      { ...iam, sslmode: "disable" },
    ],
    ["ssl cannot be used; expected", { ...iam, ssl: "s3cret" }],
    ["it has no username, and ca holds no certificate in PEM; expected", { username: undefined, ca: "" }],
  ])("is refused by field: %s, and no value is shown", (problem, change) => {
    const parsing = () => parse({ ...rds, ...change });
    expect(parsing).toThrow(`the secret "the-secret" does not work: ${problem} {"host"`);
    expect(parsing).not.toThrow(/s3cret/);
  });

  test.each([["s3cret"], [null], [[]]])("that is not an object is refused", (value) => {
    expect(() => parse(value)).toThrow(
      /^the secret "the-secret" does not work: it is not an object; expected/,
    );
  });
});
