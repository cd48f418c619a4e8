import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPostgres } from "../../functions/sources/postgres.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { readAll } from "../support/read-source.ts";

let server: EmbeddedPostgres;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});

const never = new AbortController().signal;

function open(query: string, { secret = server.secret as object, signal = never } = {}) {
  const configuration = { kind: "postgres", secret: "newsletter-sync/database", query } as const;
  return openPostgres(configuration, { readSecret: async () => secret, signal });
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("nothing failed"),
    (error: Error) => error,
  );
}

/** The sessions of sources on the server, and what they are doing. */
async function sessions(): Promise<string[]> {
  const { rows } = await admin.query<{ state: string }>(
    "select state from pg_stat_activity where application_name = 'newsletter-sync'",
  );
  return rows.map(({ state }) => state);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

describe("a query", () => {
  test("is read with the values as the server writes them", async () => {
    const source = await open(`
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
    expect(await sessions()).toEqual([]);
  });

  test("is read the same whatever the user's own settings", async () => {
    await admin.query("create role picky login password 'picky'; alter role picky set datestyle = 'German'");
    await admin.query(
      "alter role picky set timezone = 'Asia/Tokyo'; alter role picky set idle_in_transaction_session_timeout = 1",
    );
    const secret = { ...server.secret, username: "picky", password: "picky" };
    const source = await open(
      "select timestamptz '2026-01-02 03:04+00' as consented_at, current_setting('idle_in_transaction_session_timeout')",
      { secret },
    );
    expect(await readAll(source)).toEqual([["row 1", "2026-01-02 03:04:00+00", "0"]]);
  });

  test("is read to its end, each row with its number", async () => {
    const rows = await readAll(await open("select i as guid from generate_series(1, 12345) i"));
    expect(rows).toEqual(
      Array.from({ length: 12_345 }, (_, index) => [`row ${index + 1}`, String(index + 1)]),
    );
  });

  test("sees the database as it was at readAt, by the server's clock", async () => {
    await admin.query("create table readers as select i as guid from generate_series(1, 10001) i");
    const { rows } = await admin.query("select extract(epoch from now()) * 1000 as now");
    const source = await open("select guid from readers");
    expect(source.readAt).toBeGreaterThanOrEqual(Math.floor(rows[0].now));
    expect(source.readAt).toBeLessThan(Number(rows[0].now) + 60_000);
    await admin.query("delete from readers");
    expect(await readAll(source)).toHaveLength(10_001);
  });

  test("comes in batches of 5,000 rows", async () => {
    const source = await open("select i from generate_series(1, 12345) i");
    const sizes: number[] = [];
    for await (const { rows } of source.batches()) sizes.push(rows.length);
    await source.close();
    expect(sizes).toEqual([5000, 5000, 2345]);
  });

  test("that is closed midway leaves nothing on the server", async () => {
    const source = await open("select i from generate_series(1, 20000) i");
    for await (const _ of source.batches()) break;
    await source.close();
    await until(async () => (await sessions()).length === 0);
  });
});

describe("a query is refused", () => {
  test.each([
    [
      "selec 1",
      /is refused with SQLSTATE 42601: syntax error at or near "selec". A source's query is one select$/,
    ],
    ["", /SQLSTATE 42601.*one select$/],
    ["select 1; select 2", /SQLSTATE 42601.*one select$/],
    ["update readers set guid = 1", /SQLSTATE 42601.*one select$/],
    ["copy pg_class to stdout", /SQLSTATE 42601.*one select$/],
    ["commit", /SQLSTATE 42601.*one select$/],
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
    await admin.query("create sequence if not exists numbers");
    const error = await failure(open(query));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({
      name: "SourceError",
      message: expect.stringMatching(/^source, the query: /),
    });
    await until(async () => (await sessions()).length === 0);
  });

  test("by a value in its first rows, which is not shown", async () => {
    const error = await failure(
      open("select ('jane' || i || '@example.fr')::int from generate_series(1, 3) i"),
    );
    expect(error.message).toBe("source, the query: failed after 0 rows with SQLSTATE 22P02");
    expect(error.cause).toBeUndefined();
  });

  test("by a value in its later rows", async () => {
    const source = await open("select 1 / (50000 - i) from generate_series(1, 60000) i");
    const error = await failure(readAll(source));
    expect(error.message).toBe("source, the query: failed after 45000 rows with SQLSTATE 22012");
    expect(error.cause).toBeUndefined();
  });

  test("by words of class 42 that its rows bring about, which are not shown", async () => {
    await admin.query(`create or replace function run(statement text) returns int language plpgsql as
      'begin execute statement; return 1; end'`);
    const error = await failure(open("select run('jane@example.fr') from generate_series(1, 3)"));
    expect(error.message).toBe("source, the query: failed after 0 rows with SQLSTATE 42601");
  });
});

describe("a connection", () => {
  test("that is ended by the server midway fails the reading", async () => {
    const source = await open("select i from generate_series(1, 100000) i");
    let rows = 0;
    const reading = (async () => {
      for await (const batch of source.batches()) {
        rows += batch.rows.length;
        await admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'newsletter-sync'",
        );
      }
    })();
    expect(await failure(reading)).toMatchObject({ name: "SourceError" });
    expect(rows).toBe(5000);
    await source.close();
  });

  test("that is lost midway fails the reading", async () => {
    const proxy = await startProxy();
    const source = await open("select i from generate_series(1, 100000) i", {
      secret: { ...server.secret, port: proxy.port },
    });
    const reading = (async () => {
      for await (const _ of source.batches()) proxy.cut();
    })();
    expect((await failure(reading)).message).toBe(
      `source, the database 127.0.0.1:${proxy.port}: lost the connection`,
    );
    await source.close();
    proxy.stop();
  });

  test("is aborted at once, and its statement is cancelled on the server", async () => {
    const abort = new AbortController();
    const opening = failure(open("select pg_sleep(600)", abort));
    await until(async () => (await sessions()).includes("active"));
    abort.abort(new Error("time is up"));
    expect((await opening).message).toBe("time is up");
    await until(async () => (await sessions()).length === 0);
  });

  test("is not begun after an abort", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    expect((await failure(open("select 1", { signal }))).message).toBe("too late");
  });

  test("to nobody names the server", async () => {
    const nobody = createServer();
    await once(nobody.listen(0, "127.0.0.1"), "listening");
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    const error = await failure(open("select 1", { secret: { ...server.secret, port } }));
    expect(error.message).toBe(
      `source, the database 127.0.0.1:${port}: can not be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  test.each([
    ["password", { password: "wrong" }, "the server refuses its username or password"],
    ["username", { username: "nobody" }, "the server refuses its username or password"],
    ["dbname", { dbname: "nowhere" }, "the server has no database of its dbname"],
  ])("with a wrong %s asks for another secret", async (_, wrong, problem) => {
    const error = await failure(open("select 1", { secret: { ...server.secret, ...wrong } }));
    expect(error.name).toBe("CredentialError");
    expect(error.message).toContain(`the secret "newsletter-sync/database" does not work: ${problem}`);
    expect(error.message).not.toContain(server.secret.password);
  });

  test("that is to be encrypted is not made to a server without TLS", async () => {
    const error = await failure(open("select 1", { secret: { ...server.secret, ssl: true } }));
    expect(error.message).toMatch(/can not be reached: The server does not support SSL connections$/);
  });
});

/** Stands between source and server, until it cuts all connections. */
async function startProxy(): Promise<{ port: number; cut(): void; stop(): void }> {
  const sockets = new Set<{ destroy(): void }>();
  const proxy = createServer((socket) => {
    const upstream = connect(server.port, server.host);
    for (const end of [socket, upstream]) sockets.add(end.on("error", () => {}));
    socket.pipe(upstream).pipe(socket);
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { port: (proxy.address() as AddressInfo).port, cut, stop: () => void proxy.close() };
}
