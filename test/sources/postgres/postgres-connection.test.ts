import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { database, openQuery } from "../database.ts";
import { failureOf, until } from "../outcomes.ts";

describe("a connection", () => {
  test("that the server terminates midway is an error", async () => {
    const source = await openQuery("select i from generate_series(1, 100000) i");
    let rows = 0;
    const reading = (async () => {
      for await (const batch of source.batches()) {
        rows += batch.rows.length;
        await database.admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'newsletter-sync'",
        );
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ name: "SourceError" });
    expect(rows).toBe(5000);
    await source.close();
  });

  test("that is lost midway is an error", async () => {
    const proxy = await startProxy();
    const source = await openQuery("select i from generate_series(1, 100000) i", {
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

  test("that is refused names the server", async () => {
    const nobody = createServer();
    await once(nobody.listen(0, "127.0.0.1"), "listening");
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    const error = await failureOf(openQuery("select 1", { secret: { ...database.server.secret, port } }));
    expect(error.message).toBe(
      `source, the database 127.0.0.1:${port}: cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
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
    expect(error.message).toMatch(/cannot be reached: The server does not support SSL connections$/);
  });
});

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
