import { describe, expect, test } from "vitest";
import { database, openQuery } from "../database.ts";
import { failureOf } from "../outcomes.ts";
import { readAll } from "../read-source.ts";

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

  test("is read in batches of 5,000 rows", async () => {
    const source = await openQuery("select i from generate_series(1, 12345) i");
    const sizes: number[] = [];
    for await (const { rows } of source.batches()) sizes.push(rows.length);
    await source.close();
    expect(sizes).toEqual([5000, 5000, 2345]);
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
      /is refused with SQLSTATE 42601: syntax error at or near "selec". A source's query is a single select$/,
    ],
    ["", /SQLSTATE 42601.*single select$/],
    ["select 1; select 2", /SQLSTATE 42601.*single select$/],
    ["update readers set guid = 1", /SQLSTATE 42601.*single select$/],
    ["copy pg_class to stdout", /SQLSTATE 42601.*single select$/],
    ["commit", /SQLSTATE 42601.*single select$/],
    [
      "with gone as (delete from pg_class returning 1) select * from gone",
      /before the first row with SQLSTATE 0A000$/,
    ],
    ["select nextval('numbers')", /after 0 rows with SQLSTATE 25006$/],
    ["select * from nowhere", /SQLSTATE 42P01: relation "nowhere" does not exist$/],
    ["select nothing from pg_class", /SQLSTATE 42703: column "nothing" does not exist$/],
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
    expect(error.message).toBe("source, the query: failed after 0 rows with SQLSTATE 22P02");
    expect(error.cause).toBeUndefined();
  });

  test("for a value in its later rows", async () => {
    const source = await openQuery("select 1 / (50000 - i) from generate_series(1, 60000) i");
    const error = await failureOf(readAll(source));
    expect(error.message).toBe("source, the query: failed after 45000 rows with SQLSTATE 22012");
    expect(error.cause).toBeUndefined();
  });

  test("for an error of class 42 that its rows cause, whose message is not shown", async () => {
    await database.admin.query(`create or replace function run(statement text) returns int language plpgsql as
      'begin execute statement; return 1; end'`);
    const error = await failureOf(openQuery("select run('jane@example.fr') from generate_series(1, 3)"));
    expect(error.message).toBe("source, the query: failed after 0 rows with SQLSTATE 42601");
  });
});
