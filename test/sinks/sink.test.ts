import { expect, test } from "vitest";
import { returnSchema } from "../../functions/domain/return.ts";
import { sinkSchema } from "../../functions/sinks/sink.ts";
import { returnOf } from "./returns.ts";

const statements = ["delete from readers"];

test.each([
  { kind: "csv" },
  { kind: "postgres", secret: "writer", statements },
  { kind: "postgres", secret: "writer", statements: ["select 1", "select 2"] },
  { kind: "postgres", secret: "writer", statements, host: "db.example.fr", port: 6432, dbname: "news" },
])("%j is a sink", (configuration) => {
  expect(sinkSchema.parse(configuration)).toEqual(configuration);
});

test.each([
  [{ kind: "mysql" }, "kind"],
  [{ kind: "csv", uri: "s3://bucket/key" }, ""],
  [{ kind: "postgres", statements }, "secret"],
  [{ kind: "postgres", secret: "", statements }, "secret"],
  [{ kind: "postgres", secret: "writer" }, "statements"],
  [{ kind: "postgres", secret: "writer", statements: [] }, "statements"],
  [{ kind: "postgres", secret: "writer", statements: ["select 1", ""] }, "statements.1"],
  [{ kind: "postgres", secret: "writer", statements: "select 1" }, "statements"],
  [{ kind: "postgres", secret: "writer", statements, query: "select 1" }, ""],
  [{ kind: "postgres", secret: "writer", statements, port: 70_000 }, "port"],
])("%j is none, for its %j", (configuration, field) => {
  const { error } = sinkSchema.safeParse(configuration);
  expect(error?.issues.map(({ path }) => path.join("."))).toEqual([field]);
});

test("the returns of these tests are returns", () => {
  expect(returnSchema.parse(returnOf())).toEqual(returnOf());
});
