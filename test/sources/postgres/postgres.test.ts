import { describe, expect, test } from "vitest";
import { database, openQuery, useDatabase } from "../database.ts";
import { failureOf } from "../outcomes.ts";
import { readAll } from "../read-source.ts";

useDatabase();

describe("a query", () => {
  test("is read with its values as the server writes them", async () => {
    const source = await openQuery(`
      select 'a@example.fr' as email, true as subscribed, false as data_no, 12345678901234567890 as guid, null as data_a,
        timestamptz '2026-01-02 03:04:05.678901+05' as consented_at, timestamp '2026-01-02 03:04' as data_b,
        date '2026-01-02' as data_c, 1.50 as data_d, '{a,b}'::text[] as data_e, '{"a": 1}'::jsonb as "data_F";`);
    expect(source.columns).toEqual(
      "email subscribed data_no guid data_a consented_at data_b data_c data_d data_e data_F".split(" "),
    );
    const values = [
      "a@example.fr",
      "true",
      "false",
      "12345678901234567890",
      null,
      "2026-01-01 22:04:05.678901+00",
    ];
    expect(await readAll(source)).toEqual([
      ["row 1", ...values, "2026-01-02 03:04:00", "2026-01-02", "1.50", "{a,b}", '{"a": 1}'],
    ]);
    await database.everySessionEnds();
  });

  test("is read the same whatever the settings of the user", async () => {
    await database.admin.query(
      "create role picky login password 'picky'; alter role picky set datestyle = 'German'",
    );
    await database.admin.query(
      "alter role picky set timezone = 'Asia/Tokyo'; alter role picky set idle_in_transaction_session_timeout = 1",
    );
    const secret = { ...database.server.secret, username: "picky", password: "picky" };
    const source = await openQuery(
      "select timestamptz '2026-01-02 03:04+00' as consented_at, current_setting('idle_in_transaction_session_timeout')",
      { secret },
    );
    expect(await readAll(source)).toEqual([["row 1", "2026-01-02 03:04:00+00", "0"]]);
  });

  test("is read whole, each row with its number", async () => {
    const rows = await readAll(await openQuery("select i as guid from generate_series(1, 12345) i"));
    expect(rows).toEqual(
      Array.from({ length: 12_345 }, (_, index) => [`row ${index + 1}`, String(index + 1)]),
    );
  });

  test("sees the database as it was at readAt, by the server's clock", async () => {
    await database.admin.query("create table readers as select i as guid from generate_series(1, 10001) i");
    const { rows } = await database.admin.query("select extract(epoch from now()) * 1000 as now");
    const source = await openQuery("select guid from readers");
    expect(source.readAt).toBeGreaterThanOrEqual(Math.floor(rows[0].now));
    expect(source.readAt).toBeLessThan(Number(rows[0].now) + 60_000);
    await database.admin.query("delete from readers");
    expect(await readAll(source)).toHaveLength(10_001);
  });

  test("is read in batches of a quarter of a megabyte, or of one row that is larger", async () => {
    const source = await openQuery(
      "select repeat('x', case i when 3 then 1000000 else 100000 end) as guid from generate_series(1, 5) i",
    );
    const sizes: number[] = [];
    for await (const { bytes } of source.batches()) sizes.push(bytes.length);
    await source.close();
    expect(sizes).toEqual([1_200_003, 200_002]);
  });

  test("is read with whatever a text may hold", async () => {
    const texts = [
      "",
      "\\N",
      "\\",
      "\\n",
      "a\tb\nc\rd\be\ff\vg\\h",
      "\u0001\u007f",
      "Zoé 😀",
      "t",
      "\\.",
      "\ufeff",
    ];
    const values = texts.map((text) => `e'${Array.from(text, (character) => unicode(character)).join("")}'`);
    const source = await openQuery(
      `select null as email, ${values.map((value, index) => `${value} as c${index}`).join(", ")}, null`,
    );
    expect(await readAll(source)).toEqual([["row 1", null, ...texts, null]]);
  });

  test.each([
    "select 'a' as email;",
    "select 'a' as email ; ; ",
    "select 'a' as email -- the end",
    "select 'a' as email; -- the end",
    "select 'a' as email /* the; end */;\n-- of\n/* all */ ;",
    "select 'a' as email --;",
    "select 'a' /* ; -- */ as email",
    "with a as (select 'a' as email) select email from a order by 1 limit 1;",
    "values ('a')",
    "(select 'a' as email)",
    "select 'a' as email union select 'a';",
  ])("may be written %j", async (query) => {
    expect(await readAll(await openQuery(query))).toEqual([["row 1", "a"]]);
  });

  test.each([
    "select ';--' as email",
    "select ';' as email",
    "select $$;--$$ as email",
    "select ';--' as email, true as yes;",
  ])("may hold what looks like its end: %s", async (query) => {
    const [row] = await readAll(await openQuery(query));
    expect(row?.[1]).toMatch(/^;/);
  });

  test("keeps its order, and its names even if they repeat", async () => {
    const source = await openQuery(
      "select i as a, i % 2 = 0 as a from generate_series(1, 4) i order by i desc",
    );
    expect(source.columns).toEqual(["a", "a"]);
    expect((await readAll(source)).map(([, ...values]) => values)).toEqual([
      ["4", "true"],
      ["3", "false"],
      ["2", "true"],
      ["1", "false"],
    ]);
  });

  test("is not ended by a statement_timeout of the user, as its rows wait to be read", async () => {
    await database.admin.query(
      "create role hasty login password 'hasty'; alter role hasty set statement_timeout = 1",
    );
    const secret = { ...database.server.secret, username: "hasty", password: "hasty" };
    const source = await openQuery("select pg_sleep(0.1)::text as email", { secret });
    expect(await readAll(source)).toEqual([["row 1", ""]]);
  });

  test("that is closed midway leaves no session on the server", async () => {
    const source = await openQuery("select i from generate_series(1, 20000) i");
    for await (const _ of source.batches()) break;
    await source.close();
    await database.everySessionEnds();
  });
});

describe("a query is refused", () => {
  test.each([
    [
      "selec 1",
      /is refused with SQLSTATE 42601 \(syntax_error\): syntax error at or near "selec". A source's query is a single select$/,
    ],
    ["", /SQLSTATE 42601.*single select$/],
    ["select 1) to program 'true' --", /SQLSTATE 42601.*single select$/],
    ["select 1\n) to stdout; delete from pg_class; select (1", /SQLSTATE 42601.*single select$/],
    ["insert into pg_class values (1) returning 1", /SQLSTATE 42601.*single select$/],
    [
      "select 1; -- it's over",
      /failed after 0 rows with SQLSTATE 42601 \(syntax_error\): nothing may follow its semicolon$/,
    ],
    ["select 1; select 2", /SQLSTATE 42601.*single select$/],
    ["update readers set guid = 1", /SQLSTATE 42601.*single select$/],
    ["copy pg_class to stdout", /SQLSTATE 42601.*single select$/],
    ["commit", /SQLSTATE 42601.*single select$/],
    [
      "with gone as (delete from pg_class returning 1) select * from gone",
      /before the first row with SQLSTATE 0A000 \(feature_not_supported\)$/,
    ],
    ["select nextval('numbers')", /after 0 rows with SQLSTATE 25006 \(read_only_sql_transaction\)$/],
    ["select * from nowhere", /SQLSTATE 42P01 \(undefined_table\): relation "nowhere" does not exist$/],
    ["select nothing from pg_class", /SQLSTATE 42703 \(undefined_column\): column "nothing" does not exist$/],
    ["select from pg_class", /selects no columns$/],
    ["select 1 as email where false", /returned no rows$/],
  ])("%s", async (query, message) => {
    await database.admin.query("create sequence if not exists numbers");
    const error = await failureOf(openQuery(query));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({
      name: "SourceError",
      message: expect.stringMatching(/^source, the query: /),
    });
    await database.everySessionEnds();
  });

  test("for a value in its first rows, which is not shown", async () => {
    const error = await failureOf(
      openQuery("select ('jane' || i || '@example.fr')::int from generate_series(1, 3) i"),
    );
    expect(error.message).toBe(
      "source, the query: failed after 0 rows with SQLSTATE 22P02 (invalid_text_representation)",
    );
    expect(error.cause).toBeUndefined();
  });

  test("for a value in its later rows", async () => {
    const source = await openQuery("select 1 / (50000 - i) from generate_series(1, 60000) i");
    const error = await failureOf(readAll(source));
    expect(error.message).toBe(
      "source, the query: failed after 49999 rows with SQLSTATE 22012 (division_by_zero)",
    );
    expect(error.cause).toBeUndefined();
  });

  test("for an error of class 42 that its rows cause, whose message is not shown", async () => {
    await database.admin.query(`create or replace function run(statement text) returns int language plpgsql as
      'begin execute statement; return 1; end'`);
    const error = await failureOf(openQuery("select run('jane@example.fr') from generate_series(1, 3)"));
    expect(error.message).toBe("source, the query: failed after 0 rows with SQLSTATE 42601 (syntax_error)");
  });
});

/** A character as an escape string has it. */
function unicode(character: string): string {
  return `\\U${character.codePointAt(0)!.toString(16).padStart(8, "0")}`;
}
