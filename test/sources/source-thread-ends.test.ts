import { describe, expect, test } from "vitest";
import { CredentialError, SourceError } from "../../functions/domain/errors.ts";
import { database, useDatabase } from "./database.ts";
import { failureOf, until } from "./outcomes.ts";
import { csvOf, openInThread, queryOf, readers, readThread } from "./threads.ts";

useDatabase();

describe("an error leaves the thread unchanged", () => {
  test.each([
    [
      "a row that cannot be parsed",
      () => csvOf('email,subscribed\na@example.fr,"no" \n'),
      SourceError,
      /^source, line 2: a quote is out of place/,
    ],
    ["an unknown column", () => csvOf("email,prenom\n"), SourceError, /begin its name with data_$/],
    [
      "a query that fails midway",
      () => queryOf("select i / (40000 - i) || '@example.fr' as email from generate_series(1, 50000) i"),
      SourceError,
      /failed after 39999 rows with SQLSTATE 22012 \(division_by_zero\)$/,
    ],
  ])("%s", async (_, configuration, type, message) => {
    const error = await failureOf(openInThread(configuration()).then(readThread));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name: type.name, actor: "operator" });
    expect(error.message).toMatch(message);
  });

  test("a secret that does not work", async () => {
    const readSecret = async () => ({ ...database.server.secret, password: "wrong" });
    const error = await failureOf(openInThread(queryOf("select 1"), { readSecret }));
    expect(error).toBeInstanceOf(CredentialError);
  });

  test("a secret that cannot be read", async () => {
    const readSecret = () =>
      Promise.reject(new CredentialError("newsletter-sync/database", "there is no such secret"));
    const error = await failureOf(openInThread(queryOf("select 1"), { readSecret }));
    expect(error.message).toMatch(/there is no such secret/);
  });

  test("a thread that runs out of memory", async () => {
    const error = await failureOf(openInThread(readers(1), { maxHeapMegabytes: 4 }));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toBe("source, its thread: ended unexpectedly");
    expect(error.cause).toMatchObject({ code: "ERR_WORKER_OUT_OF_MEMORY" });
    await database.everySessionEnds();
  });
});

describe("aborting", () => {
  test("ends the reading with the signal's reason, and ends the thread and its session", async () => {
    const abort = new AbortController();
    const source = await openInThread(readers(1000000), abort);
    const reading = (async () => {
      for await (const _ of source.blocks()) abort.abort(new Error("time is up"));
    })();
    expect((await failureOf(reading)).message).toBe("time is up");
    await database.everySessionEnds();
  });

  test("ends the thread and its session even while nobody reads rows", async () => {
    const abort = new AbortController();
    await openInThread(readers(1000000), abort);
    expect(await database.sessions()).toBe(1);
    abort.abort(new Error("time is up"));
    await database.everySessionEnds();
  });

  test("ends the opening with the signal's reason, and cancels the query on the server", async () => {
    const abort = new AbortController();
    const opening = failureOf(openInThread(queryOf("select pg_sleep(600)::text as email"), abort));
    await until(async () => (await database.sessions("PgSleep")) > 0);
    abort.abort(new Error("time is up"));
    expect((await opening).message).toBe("time is up");
    await database.everySessionEnds();
  });

  test("before the opening starts no thread", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    expect((await failureOf(openInThread(csvOf("email\na\n"), { signal }))).message).toBe("too late");
  });
});

test("closing ends the thread even before a row is read, and can be repeated", async () => {
  const source = await openInThread(readers(1000000));
  await source.close();
  await source.close();
  await database.everySessionEnds();
});
