import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../functions/platform/clock.ts";
import { database, openQuery, useDatabase } from "../database.ts";
import { failureOf, until } from "../outcomes.ts";
import { readAll } from "../read-source.ts";

useDatabase();

describe("a connection", () => {
  test("that the server terminates midway is an error", async () => {
    const source = await openQuery("select i from generate_series(1, 10000000) i");
    let rows = 0;
    const reading = (async () => {
      for await (const batch of source.batches()) {
        while (batch.next()) rows++;
        await database.admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'newsletter-sync'",
        );
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ name: "SourceError" });
    expect(rows).toBeLessThan(10_000_000);
    await source.close();
  });

  test("that is lost midway is an error", async () => {
    const proxy = await startProxy();
    const source = await openQuery("select i from generate_series(1, 10000000) i", {
      secret: { ...database.server.secret, port: proxy.port },
    });
    const reading = (async () => {
      for await (const _ of source.batches()) proxy.cut();
    })();
    expect((await failureOf(reading)).message).toBe(
      `source, the database 127.0.0.1:${proxy.port}: lost the connection`,
    );
    await source.close();
    proxy.stop();
  });

  test("is aborted at once, and its statement is cancelled on the server, too", async () => {
    const abort = new AbortController();
    const opening = failureOf(openQuery("select pg_sleep(600)", abort));
    await until(async () => (await database.sessions("PgSleep")) > 0);
    abort.abort(new Error("time is up"));
    expect((await opening).message).toBe("time is up");
    await database.everySessionEnds();
  });

  test("is not opened after an abort", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    expect((await failureOf(openQuery("select 1", { signal }))).message).toBe("too late");
  });

  test("that is refused is tried for a minute, and then names the server", async () => {
    const port = await freePort();
    const { clock, waits } = steppingClock();
    const secret = { ...database.server.secret, port };
    const error = await failureOf(openQuery("select 1", { secret, clock }));
    expect(error.message).toBe(
      `source, the database 127.0.0.1:${port}: cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    expect(waits).toHaveLength(60);
  });

  test.each([
    ["that hangs up", "hangs up"],
    ["that is starting up", "57P03"],
    ["that has no connection left", "53300"],
  ])("to a server %s is made as soon as it is awake", async (_, trouble) => {
    const { port, stop } = await startSleeper(trouble);
    const { clock, waits } = steppingClock();
    const source = await openQuery("select 'a' as email", {
      secret: { ...database.server.secret, port },
      clock,
    });
    expect(await readAll(source)).toEqual([["row 1", "a"]]);
    expect(waits).toEqual([1000, 1000]);
    stop();
  });

  test("is not tried again after an abort, which ends the waiting at once", async () => {
    const port = await freePort();
    const abort = new AbortController();
    const secret = { ...database.server.secret, port };
    const opening = failureOf(openQuery("select 1", { secret, signal: abort.signal }));
    setImmediate(() => abort.abort(new Error("time is up")));
    expect((await opening).message).toBe("time is up");
  });

  test("to a server that never answers is aborted at once", async () => {
    const silent = createServer(() => undefined);
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const abort = new AbortController();
    const secret = { ...database.server.secret, port: (silent.address() as AddressInfo).port };
    const opening = failureOf(openQuery("select 1", { secret, signal: abort.signal }));
    silent.once("connection", () => abort.abort(new Error("time is up")));
    expect((await opening).message).toBe("time is up");
    silent.close();
  });

  test("is made to the place that the source names, if the secret names none", async () => {
    const { username, password, host, port, dbname } = database.server.secret;
    const source = await openQuery("select 'a' as email", {
      secret: { username, password },
      place: { host, port, dbname },
    });
    expect(await readAll(source)).toEqual([["row 1", "a"]]);
  });

  test.each([
    ["password", { password: "wrong" }, "the server refuses its username or password"],
    ["username", { username: "nobody" }, "the server refuses its username or password"],
    ["dbname", { dbname: "nowhere" }, "the server has no database with its dbname"],
  ])("with a wrong %s asks for a new secret", async (_, wrong, problem) => {
    const error = await failureOf(openQuery("select 1", { secret: { ...database.server.secret, ...wrong } }));
    expect(error.name).toBe("CredentialError");
    expect(error.message).toContain(`the secret "newsletter-sync/database" does not work: ${problem}`);
    expect(error.message).not.toContain(database.server.secret.password);
  });

  test("that must be encrypted is not made to a server without TLS", async () => {
    const error = await failureOf(
      openQuery("select 1", { secret: { ...database.server.secret, ssl: true } }),
    );
    expect(error.message).toMatch(
      /cannot be reached: it does not encrypt connections: .* the secret may say "ssl": false$/,
    );
  });
});

/** A clock whose waits take no time, and what they were. */
function steppingClock() {
  const waits: number[] = [];
  const now = () => waits.reduce((sum, ms) => sum + ms, 0);
  const wait = async (ms: number) => void waits.push(ms);
  return { clock: { ...systemClock, now, wait }, waits };
}

async function freePort(): Promise<number> {
  const nobody = createServer();
  await once(nobody.listen(0, "127.0.0.1"), "listening");
  const { port } = nobody.address() as AddressInfo;
  nobody.close();
  return port;
}

/** A proxy of the server that refuses the first two connections, by hanging up or with an SQLSTATE. */
async function startSleeper(trouble: string): Promise<{ port: number; stop(): void }> {
  let connections = 0;
  const proxy = createServer((socket) => {
    socket.on("error", () => {});
    if (++connections > 2) {
      socket.pipe(connect(database.server.port, database.server.host)).pipe(socket);
      return;
    }
    const fields = Buffer.from(`SFATAL\0C${trouble}\0Mnot now\0\0`);
    const head = Buffer.alloc(5, "E");
    head.writeInt32BE(fields.length + 4, 1);
    socket.once("data", () =>
      trouble === "hangs up" ? socket.destroy() : socket.end(Buffer.concat([head, fields])),
    );
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  return { port: (proxy.address() as AddressInfo).port, stop: () => void proxy.close() };
}

/** A proxy of the server, which can cut all connections. */
async function startProxy(): Promise<{ port: number; cut(): void; stop(): void }> {
  const sockets = new Set<{ destroy(): void }>();
  const proxy = createServer((socket) => {
    const upstream = connect(database.server.port, database.server.host);
    for (const end of [socket, upstream]) sockets.add(end.on("error", () => {}));
    socket.pipe(upstream).pipe(socket);
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { port: (proxy.address() as AddressInfo).port, cut, stop: () => void proxy.close() };
}
