import { beforeEach, describe, expect, test } from "vitest";
import { database, useDatabase } from "../../sources/database.ts";
import { failureOf } from "../../sources/outcomes.ts";
import { inOneBatch, returnOf } from "../returns.ts";
import { take } from "./take.ts";

useDatabase();

const jane = returnOf({ guid: "17", fields: { data_first_name: "jane@example.fr" } });

beforeEach(async () => {
  const { admin } = database;
  await admin.query("drop table if exists readers, cities, opt_outs cascade");
  await admin.query("create table cities (name text primary key)");
  await admin.query(
    `create table readers (email text primary key, daily boolean not null, city text references cities,
      visits int check (visits >= 0), friend text references readers deferrable initially deferred)`,
  );
  await admin.query("insert into readers values ('jane@example.fr', true), ('joe@example.fr', true)");
});

/** The error with which taking Jane's return fails. Nothing is taken, and nothing tells of Jane. */
async function refusalOf(statements: readonly string[], options: Parameters<typeof take>[1] = {}) {
  const error = await failureOf(take(statements, { returns: inOneBatch([jane]), ...options }));
  expect(error).toMatchObject({ name: "SinkError", message: expect.stringMatching(/^returns, /) });
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toMatch(/jane|example\.fr/i);
  const { rows } = await database.admin.query("select email from readers where daily order by 1");
  expect(rows).toEqual([{ email: "jane@example.fr" }, { email: "joe@example.fr" }]);
  return error.message;
}

/** Has every update of a reader run this, in PL/pgSQL. */
async function onUpdate(body: string, constraint = ""): Promise<void> {
  await database.admin.query(
    `create or replace function react() returns trigger language plpgsql as $$ begin ${body} return new; end $$`,
  );
  const kind = constraint === "" ? "trigger" : "constraint trigger";
  await database.admin.query(
    `create ${kind} react after update on readers ${constraint} for each row execute function react()`,
  );
}

const optOut = "update readers r set daily = false from changes c where r.email = c.address";

describe("a wrong statement is named by its number, with the server's words on what it says", () => {
  test.each([
    [
      "update readers set dialy = false",
      /SQLSTATE 42703 \(undefined_column\): column "dialy" of relation "readers" does not exist$/,
    ],
    [
      "update reader set daily = false",
      /SQLSTATE 42P01 \(undefined_table\): relation "reader" does not exist$/,
    ],
    [
      "update readers r set daily = false from changes c where r.email = c.adress",
      /SQLSTATE 42703 \(undefined_column\): column c.adress does not exist$/,
    ],
    [
      "update readers set daily = 'now'::date",
      /SQLSTATE 42804 \(datatype_mismatch\): column "daily" is of type boolean/,
    ],
    [
      "updat readers",
      /SQLSTATE 42601 \(syntax_error\): syntax error at or near "updat". It has to be one select/,
    ],
    ["-- nothing", /SQLSTATE 42601 \(syntax_error\): syntax error at end of input. It has to be one/],
    [
      "select 1; select 2",
      /SQLSTATE 42601 \(syntax_error\): cannot insert multiple commands.* It has to be one/,
    ],
    ["delete from readers; commit", /SQLSTATE 42601/],
  ])("%s", async (statement, message) => {
    const refusal = await refusalOf([optOut, statement]);
    expect(refusal).toMatch(/^returns, statement 2: is refused with /);
    expect(refusal).toMatch(message);
  });
});

describe("a statement cannot end the transaction", () => {
  test.each([
    "commit",
    "COMMIT AND CHAIN",
    "end",
    "rollback",
    "abort",
    "rollback and chain",
    "prepare transaction 'x'",
    "begin",
    "savepoint a",
    "do $$ begin commit; end $$",
    "call leave()",
    "analyze commit",
    "copy changes to program 'cat'",
    "copy changes from stdin",
    "set role postgres",
    "truncate readers",
  ])("%s", async (statement) => {
    expect(await refusalOf([optOut, statement])).toMatch(
      /^returns, statement 2: is refused with SQLSTATE 42601 .* It has to be one select, insert, update, delete or merge$/,
    );
  });

  test("by what it calls, either", async () => {
    await database.admin.query(
      "create or replace function leave() returns int language plpgsql as $$ begin commit; return 1; end $$",
    );
    expect(await refusalOf([optOut, "select leave()"])).toMatch(
      /^returns, statement 2: failed with SQLSTATE 2D000/,
    );
  });
});

describe("a statement that fails is named with the server's name of the failure, and of what it broke", () => {
  test.each([
    [
      "insert into readers select address, true from changes",
      '23505 (unique_violation) of the constraint "readers_pkey" of the table "readers"',
    ],
    [
      "update readers set city = fields->>'data_first_name' from changes",
      '23503 (foreign_key_violation) of the constraint "readers_city_fkey" of the table "readers"',
    ],
    [
      "update readers set visits = -guid::int from changes",
      '23514 (check_violation) of the constraint "readers_visits_check" of the table "readers"',
    ],
    [
      "update readers set daily = null from changes",
      '23502 (not_null_violation) of the column "daily" of the table "readers"',
    ],
    ["update readers set visits = email::int", "22P02 (invalid_text_representation)"],
    ["update readers set visits = 1 / (guid::int - 17) from changes", "22012 (division_by_zero)"],
    ["select c.address::regclass from changes c", "3F000 (invalid_schema_name)"],
    ["select quote_ident(c.address)::regclass from changes c", "42P01 (undefined_table)"],
    ["select current_setting(c.address) from changes c", "42704 (undefined_object)"],
  ])("%s", async (statement, failure) => {
    expect(await refusalOf([statement])).toBe(`returns, statement 1: failed with SQLSTATE ${failure}`);
  });

  test("but not with the words of a trigger, which may quote anyone", async () => {
    await onUpdate("raise exception 'no, % stays', new.email;");
    expect(await refusalOf([optOut])).toBe(
      "returns, statement 1: failed with SQLSTATE P0001 (raise_exception)",
    );
  });

  test("nor with the names that a trigger gives", async () => {
    await onUpdate(
      "raise exception using errcode = '42P01', message = new.email, constraint = new.email, table = new.email, column = new.email;",
    );
    expect(await refusalOf([optOut])).toBe(
      "returns, statement 1: failed with SQLSTATE 42P01 (undefined_table)",
    );
  });

  test("nor with what a trigger runs", async () => {
    await onUpdate("execute 'select ' || new.email;");
    expect(await refusalOf([optOut])).toMatch(
      /^returns, statement 1: failed with SQLSTATE 42\w{3}( \(\w+\))?$/,
    );
  });

  test("nor with the words of a function that is called before there is a row", async () => {
    await database.admin.query(
      `create or replace function quote_someone() returns int immutable language plpgsql as
        $$ begin execute 'select ' || (select min(email) from readers); end $$`,
    );
    expect(await refusalOf(["update readers set visits = quote_someone()"])).toMatch(
      /^returns, statement 1: failed with SQLSTATE 42\w{3}( \(\w+\))?$/,
    );
  });
});

describe("a deferred constraint", () => {
  const befriend = "update readers set friend = 'no' || address from changes";

  test.each([[true], [false]])("fails before the commit, and is named (commit: %s)", async (commit) => {
    expect(await refusalOf([befriend], { commit })).toBe(
      'returns, the deferred constraints: failed with SQLSTATE 23503 (foreign_key_violation) of the constraint "readers_friend_fkey" of the table "readers"',
    );
  });

  test("that is a trigger fails without its words", async () => {
    await onUpdate("raise exception 'no, % stays', new.email;", "deferrable initially deferred");
    expect(await refusalOf([optOut])).toBe(
      "returns, the deferred constraints: failed with SQLSTATE P0001 (raise_exception)",
    );
  });
});

describe("a user who may too little", () => {
  const secret = () => ({ ...database.server.secret, username: "limited", password: "limited" });

  beforeEach(async () => {
    await database.admin.query(
      "do $$ begin create role limited login password 'limited'; exception when duplicate_object then null; end $$",
    );
  });

  test("learns on which table, before a row is loaded", async () => {
    expect(await refusalOf([optOut], { secret: secret() })).toBe(
      "returns, statement 1: is refused with SQLSTATE 42501 (insufficient_privilege): permission denied for table readers",
    );
  });

  test("learns that rows hide from the update", async () => {
    await database.admin.query("grant select, insert on readers to limited");
    await database.admin.query("alter table readers enable row level security");
    await database.admin.query("create policy none on readers for insert to limited with check (false)");
    expect(
      await refusalOf(["insert into readers select 'x' || address, true from changes"], { secret: secret() }),
    ).toBe("returns, statement 1: failed with SQLSTATE 42501 (insufficient_privilege)");
  });

  test("learns that the database allows no temporary table", async () => {
    const { rows } = await database.admin.query("select current_database() as name");
    await database.admin.query(`revoke temporary on database ${rows[0].name} from public`);
    expect(await refusalOf([optOut], { secret: secret() })).toMatch(
      /^returns, the table of changes: is refused with SQLSTATE 42501 \(insufficient_privilege\): permission denied to create temporary tables in database/,
    );
    await database.admin.query(`grant temporary on database ${rows[0].name} to public`);
  });

  test("learns that the server only reads", async () => {
    await database.admin.query("alter role limited set default_transaction_read_only = on");
    await database.admin.query("grant select, update on readers to limited");
    expect(await take([optOut], { secret: secret() })).toEqual({ rows: 1, statements: [1] });
  });
});
