import pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../functions/platform/clock.ts";
import { database, useDatabase } from "../../sources/database.ts";
import { failureOf, until } from "../../sources/outcomes.ts";
import { inOneBatch, manyReturns, returnOf } from "../returns.ts";
import { startProxy } from "./proxy.ts";
import { take } from "./take.ts";

useDatabase();

const keep = "insert into taken select address from changes";

beforeEach(async () => {
  await database.admin.query("drop table if exists taken");
  await database.admin.query("create table taken (address text)");
});

async function takenRows(): Promise<number> {
  const { rowCount } = await database.admin.query("select from taken");
  return rowCount ?? 0;
}

/** Takes one return by way of a proxy. */
async function takeBy(
  proxy: { readonly port: number; stop(): void },
  options: Parameters<typeof take>[1] = {},
) {
  const secret = { ...database.server.secret, port: proxy.port };
  const error = await failureOf(take([keep], { secret, ...options }));
  proxy.stop();
  await database.everySessionEnds();
  return error.message;
}

describe("a connection", () => {
  test("that is lost while the rows are loaded is an error, and nothing is taken", async () => {
    const proxy = await startProxy();
    async function* returns() {
      for await (const batch of manyReturns(1_000_000)) {
        yield batch;
        if (batch[0]?.address === "reader.50000@example.fr") proxy.cut();
      }
    }
    expect(await takeBy(proxy, { returns: returns() })).toBe(
      `returns, the database 127.0.0.1:${proxy.port}: lost the connection`,
    );
    expect(await takenRows()).toBe(0);
  });

  test("that is lost while a statement runs is an error, and nothing is taken", async () => {
    const proxy = await startProxy((bytes) => (bytes.includes("set constraints") ? "cut" : "passed"));
    expect(await takeBy(proxy)).toBe(`returns, the database 127.0.0.1:${proxy.port}: lost the connection`);
    expect(await takenRows()).toBe(0);
  });

  test.each([
    ["before the server gets it, so nothing is taken", "cut", 0],
    ["before the server's answer, so all is taken", "unanswered", 1],
  ] as const)("that is lost at the commit leaves it unknown: %s", async (_, fate, rows) => {
    const proxy = await startProxy((bytes) => (bytes.includes("commit\0") ? fate : "passed"));
    expect(await takeBy(proxy)).toBe(
      "returns, the commit: the connection ended before its answer, so the database has taken all of them or none. The next run reads it again",
    );
    expect(await takenRows()).toBe(rows);
  });

  test("that is lost at the end of a trial is no error: that was its end", async () => {
    const proxy = await startProxy((bytes) => (bytes.toString("latin1").startsWith("X") ? "cut" : "passed"));
    const secret = { ...database.server.secret, port: proxy.port };
    expect(await take([keep], { secret, commit: false })).toEqual({ rows: 1, statements: [1] });
    expect(await takenRows()).toBe(0);
    proxy.stop();
  });

  test("that the server terminates is an error", async () => {
    async function* returns() {
      yield [returnOf()];
      await database.admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'newsletter-sync'",
      );
      yield* manyReturns(100_000);
    }
    const error = await failureOf(take([keep], { returns: returns() }));
    expect(error).toMatchObject({ name: "SinkError" });
    expect(await takenRows()).toBe(0);
  });

  test("that is refused is tried for a minute, and then names the server", async () => {
    const waits: number[] = [];
    const now = () => waits.reduce((sum, ms) => sum + ms, 0);
    const clock = { ...systemClock, now, wait: async (ms: number) => void waits.push(ms) };
    const secret = { ...database.server.secret, port: 1 };
    expect((await failureOf(take([keep], { secret, clock }))).message).toBe(
      "returns, the database 127.0.0.1:1: cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
    );
    expect(waits).toHaveLength(60);
  });

  test("is made to the place that the list names, if the secret names none", async () => {
    const { username, password, host, port, dbname } = database.server.secret;
    await take([keep], { secret: { username, password }, place: { host, port, dbname } });
    expect(await takenRows()).toBe(1);
  });

  test("with a wrong password asks for a new secret", async () => {
    const error = await failureOf(take([keep], { secret: { ...database.server.secret, password: "wrong" } }));
    expect(error).toMatchObject({ name: "CredentialError" });
    expect(error.message).toContain('the secret "newsletter-sync/writer" does not work');
  });
});

describe("when the time is up", () => {
  const reason = new Error("time is up");

  /** A server that falls silent at such bytes, and a moment later the time is up. */
  async function startSilence(words: RegExp) {
    const abort = new AbortController();
    const proxy = await startProxy((bytes) => {
      if (!words.test(bytes.toString("latin1"))) return "passed";
      setImmediate(() => abort.abort(reason));
      return "swallowed";
    });
    const secret = { ...database.server.secret, port: proxy.port };
    const end = () => {
      proxy.cut();
      proxy.stop();
    };
    return { secret, signal: abort.signal, end };
  }

  test("a statement is cancelled on the server, and nothing is taken", async () => {
    const abort = new AbortController();
    const taking = failureOf(take([keep, "select pg_sleep(600)"], abort));
    await until(async () => (await database.sessions("PgSleep")) > 0);
    abort.abort(reason);
    expect(await taking).toBe(reason);
    await database.everySessionEnds();
    expect(await takenRows()).toBe(0);
  });

  test("a statement that waits for a lock is cancelled, too", async () => {
    const other = new pg.Client({ connectionString: database.server.url });
    await other.connect();
    await other.query("begin; lock table taken in share mode");
    const abort = new AbortController();
    const taking = failureOf(take([keep], abort));
    await until(async () => (await database.sessions("relation")) > 0);
    abort.abort(reason);
    expect(await taking).toBe(reason);
    await database.everySessionEnds();
    await other.end();
  });

  test("no more rows are loaded", async () => {
    const abort = new AbortController();
    let given = 0;
    async function* returns() {
      for await (const batch of manyReturns(1_000_000)) {
        given += batch.length;
        if (given === 100_000) abort.abort(reason);
        yield batch;
      }
    }
    expect(await failureOf(take([keep], { returns: returns(), signal: abort.signal }))).toBe(reason);
    expect(given).toBeLessThan(1_000_000);
    await database.everySessionEnds();
    expect(await takenRows()).toBe(0);
  });

  test.each([
    ["before it lets a client begin", /^Q.*begin transaction/s],
    ["while a statement runs", /set constraints/],
  ])("a server that falls silent %s holds up nothing", async (_, words) => {
    const { end, ...silence } = await startSilence(words);
    expect(await failureOf(take([keep], silence))).toBe(reason);
    end();
    expect(await takenRows()).toBe(0);
  });

  test("a server that falls silent after the commit has taken all", async () => {
    const { end, ...silence } = await startSilence(/^X/);
    expect(await take([keep], silence)).toEqual({ rows: 1, statements: [1] });
    end();
  });

  test("a secret that nobody gives holds up nothing", async () => {
    const secret = new Promise<object>(() => undefined);
    const taking = failureOf(take([keep], { secret, signal: AbortSignal.timeout(10) }));
    expect((await taking).name).toBe("TimeoutError");
  });

  test("nothing is begun", async () => {
    const signal = AbortSignal.abort(reason);
    expect(await failureOf(take([keep], { signal, returns: inOneBatch([]) }))).toBe(reason);
  });
});
