import type { GuardGroup } from "./guard.ts";

const sinks = "functions/sinks";

/** What the database is given, and what is told of it. */
export const sinkGuards: GuardGroup = {
  tests: ["test/sinks"],
  guards: [
    {
      keeps: "returns that are only tried are rolled back",
      file: `${sinks}/postgres/open-postgres.ts`,
      code: "if (commit) await commitAll(session);",
      broken: "await commitAll(session);",
    },
    {
      keeps: "no statement ends the transaction of the others",
      file: `${sinks}/postgres/open-postgres.ts`,
      code: ".catch(refused(nameOf(index), singleStatement))",
      broken: ".catch(() => 0)",
    },
    {
      keeps: "a statement judges a row by what it says when it is written",
      file: `${sinks}/postgres/open-postgres.ts`,
      code: "isolation level read committed",
      broken: "isolation level repeatable read",
    },
    {
      keeps: "who only tries learns of a deferred constraint",
      file: `${sinks}/postgres/open-postgres.ts`,
      code: 'await session.query("set constraints all immediate")',
      broken: 'await session.query("select 1")',
    },
    {
      keeps: "a commit without an answer is not told as a failure",
      file: `${sinks}/postgres/open-postgres.ts`,
      code: 'if (!isOutcomeUnknown(error)) failed("the commit")(error);',
      broken: 'failed("the commit")(error);',
    },
    {
      keeps: "an error quotes no reader when a function of the database speaks",
      file: `${sinks}/postgres/refusals.ts`,
      code: 'if (!code.startsWith("42") || where !== undefined) return',
      broken: 'if (!code.startsWith("42")) return',
    },
    {
      keeps: "an error quotes no reader in the place of a constraint",
      file: `${sinks}/postgres/refusals.ts`,
      code: 'if (where !== undefined) return "";',
      broken: "",
    },
    {
      keeps: "a row that no database can store holds up no other",
      file: `${sinks}/return-row.ts`,
      code: "return text.replace(unstorable, replacement);",
      broken: "return text;",
    },
    {
      keeps: "a value of a return cannot become another row",
      file: `${sinks}/postgres/copy-blocks.ts`,
      code: "value.replace(special, (character) => escapes[character]!)",
      broken: "value",
    },
    {
      keeps: "returns that are only tried make no file",
      file: `${sinks}/csv/open-csv.ts`,
      code: "if (!first.done && commit) {",
      broken: "if (!first.done) {",
    },
    {
      keeps: "returns wait until the database takes more",
      file: "functions/platform/database/copy-in.ts",
      code: "await this.#until(() => !stream.writableNeedDrain);",
      broken: "",
    },
  ],
};
