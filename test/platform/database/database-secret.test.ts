import { describe, expect, test } from "vitest";
import { parseDatabaseSecret } from "../../../functions/platform/database/database-secret.ts";

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
    ["it has no username, password; expected", { username: undefined, password: undefined }],
    ["port cannot be used; expected", { port: "s3cret" }],
    ["it has no password, and username cannot be used; expected", { username: "", password: undefined }],
    ["engine cannot be used; expected", { engine: "mysql-s3cret" }],
    ["ssl cannot be used; expected", { ssl: "s3cret" }],
    ["sslmode cannot be used; expected", { sslmode: "s3cret" }],
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
