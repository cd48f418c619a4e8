import { setImmediate, setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { database, useDatabase } from "../../sources/database.ts";
import { failureOf } from "../../sources/outcomes.ts";
import { inOneBatch, manyReturns, returnOf } from "../returns.ts";
import { startProxy } from "./proxy.ts";
import { take } from "./take.ts";

useDatabase();

/** Keeps what a statement sees of the changes. */
const keep = "insert into taken select * from changes";

beforeEach(async () => {
  await database.admin.query("drop table if exists taken, readers cascade");
  await database.admin.query(
    "create table taken (address text, email text, kind text, cause text, changed_at timestamptz, guid text, fields jsonb)",
  );
  await database.admin.query("create table readers (email text primary key, daily boolean not null)");
  await database.admin.query(
    "insert into readers values ('jane@example.fr', true), ('joe@example.fr', true)",
  );
});

async function rowsOf(table: string) {
  return (await database.admin.query(`select * from ${table} order by 1`)).rows;
}

describe("the statements", () => {
  test("see each return as a row of changes, with NULL for what it has not", async () => {
    const full = returnOf({
      tells: "subscribed",
      address: "jane@example.fr",
      email: "Jane@Example.fr",
      cause: "READER",
      changedAt: "2026-01-31T08:30:00.123Z",
      guid: "17",
      fields: { data_first_name: "Jane", data_city: "" },
    });
    const bare = returnOf({ tells: "bounced", address: "joe@example.fr" });
    expect(await take([keep], { returns: inOneBatch([full, bare]) })).toEqual({ rows: 2, statements: [2] });
    expect(await rowsOf("taken")).toEqual([
      {
        address: "jane@example.fr",
        email: "Jane@Example.fr",
        kind: "subscribed",
        cause: "READER",
        changed_at: new Date("2026-01-31T08:30:00.123Z"),
        guid: "17",
        fields: { data_first_name: "Jane", data_city: "" },
      },
      {
        address: "joe@example.fr",
        email: "joe@example.fr",
        kind: "bounced",
        cause: null,
        changed_at: null,
        guid: null,
        fields: null,
      },
    ]);
  });

  test("each run once, in their order, in one transaction, and their rows are counted", async () => {
    const taken = await take([
      "update readers r set daily = false from changes c where r.email = c.address and r.daily",
      "delete from readers where not daily",
      "update readers set daily = daily where email = 'nobody'",
      "insert into taken (guid) select pg_current_xact_id()::text from generate_series(1, 3);",
      "insert into taken (guid) values (pg_current_xact_id()::text) -- the end",
      "select * from generate_series(1, 5000)",
      "with gone as (delete from readers returning email) insert into taken (email) select email from gone",
    ]);
    expect(taken).toEqual({ rows: 1, statements: [1, 1, 0, 3, 1, 5000, 1] });
    const { rows } = await database.admin.query("select count(distinct guid)::int from taken");
    expect(rows).toEqual([{ count: 1 }]);
  });

  test("run even when there is no return: a wrong one is found before the first reader leaves", async () => {
    expect(await take([keep], { returns: inOneBatch([]) })).toEqual({ rows: 0, statements: [0] });
    const error = await failureOf(take(["update nowhere set a = 1"], { returns: inOneBatch([]) }));
    expect(error.message).toContain('relation "nowhere" does not exist');
  });

  test("are rolled back if they are only tried, and still counted", async () => {
    const taken = await take(["delete from readers"], { commit: false });
    expect(taken).toEqual({ rows: 1, statements: [2] });
    expect(await rowsOf("readers")).toHaveLength(2);
    await database.everySessionEnds();
  });

  test("find the table of changes rather than one of the database of that name, and leave none behind", async () => {
    await database.admin.query("create table changes (address text)");
    await take([keep]);
    expect(await rowsOf("taken")).toHaveLength(1);
    expect(await rowsOf("changes")).toHaveLength(0);
    await database.admin.query("drop table changes");
    const { rows } = await database.admin.query("select from pg_class where relname = 'changes'");
    expect(rows).toHaveLength(0);
  });

  test("see what another transaction has just written, and not the state at the beginning", async () => {
    async function* returns() {
      yield [returnOf()];
      await database.admin.query("update readers set daily = false where email = 'jane@example.fr'");
    }
    const update = "update readers r set daily = false from changes c where r.email = c.address and r.daily";
    expect(await take([update], { returns: returns() })).toEqual({ rows: 1, statements: [0] });
  });

  test("may take as long as their user's statement_timeout says, and the rows as long as they need", async () => {
    await database.admin.query(
      "create role impatient superuser login password 'impatient'; alter role impatient set statement_timeout = 200",
    );
    const secret = { ...database.server.secret, username: "impatient", password: "impatient" };
    async function* slowly() {
      yield [returnOf()];
      await setTimeout(300);
    }
    expect(await take([keep], { secret, returns: slowly() })).toMatchObject({ statements: [1] });
    const error = await failureOf(take([keep, "select pg_sleep(60)"], { secret }));
    expect(error.message).toBe("returns, statement 2: failed with SQLSTATE 57014 (query_canceled)");
  });

  test("get a hundred thousand returns as well as one", async () => {
    const taken = await take([keep], { returns: manyReturns(100_001) });
    expect(taken).toEqual({ rows: 100_001, statements: [100_001] });
    const { rows } = await database.admin.query("select count(distinct address)::int from taken");
    expect(rows).toEqual([{ count: 100_001 }]);
  });
});

describe("a value arrives as it is", () => {
  const texts = [
    "",
    " ",
    "\\N",
    "\\",
    "\\.",
    "\\n",
    "NULL",
    "a\tb\nc\rd\be\ff\vg\\h\r\n",
    'it\'s "quoted" `so`; drop table readers; --',
    "$1 $$ $a$ %s {0}",
    "\u0001\u007f\u0085\u2028\ufeff",
    "Zoé 😀 日本 \u{10ffff}",
    "x".repeat(1_000_000),
    '{"a": 1}',
    "\\u0000 \\ud800",
  ];

  test.each(
    texts.map((text) => [text.length > 40 ? `${text.length} characters` : JSON.stringify(text), text]),
  )("%s", async (_, text) => {
    const row = returnOf({
      address: `a${text}`,
      email: text,
      guid: text,
      fields: { data_a: text, [`data_${text}`]: "b" },
    });
    await take([keep], { returns: inOneBatch([row]) });
    expect(await rowsOf("taken")).toEqual([
      expect.objectContaining({ address: `a${text}`, email: text, guid: text, fields: row.fields }),
    ]);
  });

  test.each([
    ["U+0000, which PostgreSQL has in no text", "a\0b\0"],
    ["half of a surrogate pair, which UTF-8 has not", "a\ud83db\ude00"],
  ])("but for %s: U+FFFD", async (_, text) => {
    const row = returnOf({ address: text, email: text, guid: text, fields: { data_a: text } });
    await take([keep], { returns: inOneBatch([row]) });
    const replaced = "a\ufffdb\ufffd";
    expect(await rowsOf("taken")).toMatchObject([
      { address: replaced, email: replaced, guid: replaced, fields: { data_a: replaced } },
    ]);
  });

  test.each([
    ["0001-01-01T00:00:00Z", "0001-01-01 00:00:00+00"],
    ["9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999+00"],
    ["2024-02-29T12:00:00.5Z", "2024-02-29 12:00:00.5+00"],
    ["0000-12-31T23:59:59Z", null],
  ])("the time %s as %s", async (changedAt, expected) => {
    await take([keep], { returns: inOneBatch([returnOf({ changedAt })]) });
    const { rows } = await database.admin.query("select changed_at::text from taken");
    expect(rows).toEqual([{ changed_at: expected }]);
  });
});

describe("the returns", () => {
  test("are asked for no faster than the database takes them", async () => {
    let given = 0;
    async function* large() {
      while (given < 60) {
        given++;
        yield [returnOf({ guid: "x".repeat(1_000_000) })];
      }
    }
    const proxy = await startProxy();
    const taking = take([keep], {
      returns: large(),
      secret: { ...database.server.secret, port: proxy.port },
    });
    while (given < 3) await setImmediate();
    proxy.pause();
    await setTimeout(300);
    const givenWhilePaused = given;
    proxy.resume();
    expect(await taking).toEqual({ rows: 60, statements: [60] });
    // What the kernel's buffers hold.
    expect(givenWhilePaused).toBeLessThan(40);
    proxy.stop();
  });

  test("that cannot be read are an error of theirs, and nothing is taken", async () => {
    async function* broken() {
      yield [returnOf()];
      throw new RangeError("the plan is damaged");
    }
    expect(await failureOf(take(["delete from readers"], { returns: broken() }))).toEqual(
      new RangeError("the plan is damaged"),
    );
    expect(await rowsOf("readers")).toHaveLength(2);
    await database.everySessionEnds();
  });
});
