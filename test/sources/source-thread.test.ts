import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CredentialError, SourceError } from "../../functions/domain/errors.ts";
import { TextCursor } from "../../functions/domain/packed-record.ts";
import type { DesiredSubscriber } from "../../functions/domain/subscriber.ts";
import { unpackDesired } from "../../functions/domain/unpack-subscriber.ts";
import type { SourceConfiguration } from "../../functions/sources/source.ts";
import { readSourceInThread, type SourceThread } from "../../functions/sources/source-thread.ts";
import { bundleFunction } from "../../infra/local/bundle.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { type EmbeddedS3, startEmbeddedS3 } from "../../infra/local/embedded-s3.ts";

let folder: string;
let postgres: EmbeddedPostgres;
let admin: pg.Client;
let s3: EmbeddedS3;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "newsletter-sync-thread-"));
  postgres = await startPostgres();
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  s3 = await startEmbeddedS3({ buckets: ["exports"] });
  vi.stubEnv("AWS_ENDPOINT_URL_S3", s3.url);
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await admin.end();
  await postgres.stop();
  await s3.stop();
  rmSync(folder, { recursive: true });
});

function open(
  configuration: SourceConfiguration,
  { readAheadBytes = 24_000_000, signal = new AbortController().signal } = {},
) {
  const readSecret = async () => postgres.secret;
  return readSourceInThread({ configuration, timeZone: "Europe/Paris", readSecret, readAheadBytes, signal });
}

const query = (text: string): SourceConfiguration => ({
  kind: "postgres",
  secret: "newsletter-sync/database",
  query: text,
});

function csv(content: string): SourceConfiguration & { kind: "csv" } {
  const path = join(folder, "readers.csv");
  writeFileSync(path, content);
  return { kind: "csv", uri: pathToFileURL(path).href, encoding: "utf-8" };
}

async function readAll(source: SourceThread) {
  const subscribers: DesiredSubscriber[] = [];
  const rejected: unknown[] = [];
  let rows = 0;
  for await (const block of source.blocks()) {
    const { bytes, count } = block.records;
    const cursor = new TextCursor();
    for (let position = 0, record = 0; record < count; record++, position = cursor.end) {
      subscribers.push(unpackDesired(bytes, position, source.columns));
      cursor.open(bytes, position).skip(2 + source.columns.length);
    }
    rejected.push(...block.rejected);
    rows += block.rows;
  }
  return { subscribers, rejected, rows };
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("nothing failed"),
    (error: Error) => error,
  );
}

async function sessions(): Promise<number> {
  const { rowCount } = await admin.query(
    "select from pg_stat_activity where application_name = 'newsletter-sync'",
  );
  return rowCount ?? 0;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

describe("a source is read in a thread", () => {
  test("as packed rows, and with the rows that are rejected", async () => {
    const source = await open(
      csv(
        "data_a,email,subscribed,guid,consented_at\n1,A@example.fr,,g1,2026-01-02\n2,,,,\n,b@example.fr,no,,\n",
      ),
    );
    expect(source.columns).toEqual(["data_a", "guid"]);
    expect(await readAll(source)).toEqual({
      subscribers: [
        {
          email: "A@example.fr",
          subscribed: true,
          consentedAt: Date.UTC(2026, 0, 1, 23),
          fields: { data_a: "1", guid: "g1" },
        },
        { email: "b@example.fr", subscribed: false, cause: "PUBLISHER", fields: { data_a: "", guid: "" } },
      ],
      rejected: [{ place: "line 3", reason: "email is empty", email: "" }],
      rows: 3,
    });
  });

  test("from S3, by the environment", async () => {
    const client = new S3Client();
    await client.send(
      new PutObjectCommand({ Bucket: "exports", Key: "readers.csv", Body: "email\na@example.fr\n" }),
    );
    client.destroy();
    const source = await open({ kind: "csv", uri: "s3://exports/readers.csv", encoding: "utf-8" });
    expect((await readAll(source)).subscribers).toMatchObject([{ email: "a@example.fr" }]);
  });

  test("from PostgreSQL, with the secret that this thread reads", async () => {
    const source = await open(
      query("select 'r' || i || '@example.fr' as email from generate_series(1, 12345) i"),
    );
    expect(Math.abs(source.readAt - Date.now())).toBeLessThan(60_000);
    const { subscribers, rows } = await readAll(source);
    expect(rows).toBe(12_345);
    expect(subscribers.at(-1)).toEqual({ email: "r12345@example.fr", subscribed: true, fields: {} });
    expect(await sessions()).toBe(0);
  });

  test("that runs the bundle, when it is a bundle that reads", async () => {
    const entry = fileURLToPath(new URL("fixtures/count-rows.ts", import.meta.url));
    await bundleFunction("count-rows", { entry, outDir: folder });
    const caller = join(folder, "call.mjs");
    writeFileSync(
      caller,
      `import { handler } from "./index.mjs";
      const describe = ({ name, message }) => name + ": " + message;
      console.log(await handler(process.argv[2]).catch(describe));`,
    );
    const call = async ({ uri }: { uri: string }) => {
      const { stdout } = await promisify(execFile)(process.execPath, [caller, uri]);
      return stdout.trim();
    };
    expect(await call(csv("email\na@example.fr\nb@example.fr\n"))).toBe("2");
    expect(await call(csv("email\na@example.fr\nb@example.fr"))).toMatch(/^SourceError: source, line 3: /);
  });

  test("that is far smaller than the rows", async () => {
    const source = await open(
      query(
        "select i || '@example.fr' as email, repeat('x', 3000) as data_a from generate_series(1, 100000) i",
      ),
    );
    let rows = 0;
    for await (const block of source.blocks()) rows += block.rows;
    expect(rows).toBe(100_000);
  });

  test("no further ahead than it may be", async () => {
    const fetched = async () =>
      (await admin.query("select from pg_locks where locktype = 'advisory'")).rowCount ?? 0;
    const locking =
      "select i || '@example.fr' as email, pg_try_advisory_lock(i / 5000) as data_locked from generate_series(0, 49999) i";
    const source = await open(query(locking), { readAheadBytes: 1 });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    await blocks.next();
    for (let look = 0; look < 300; look++) expect(await fetched()).toBeLessThanOrEqual(2);
    await blocks.next();
    await until(async () => (await fetched()) >= 2);
    await blocks.return?.();
    expect(await sessions()).toBe(0);
  });
});

describe("an error comes out of the thread as it is", () => {
  test.each([
    [
      "a row that can not be understood",
      () => csv("email,subscribed\na@example.fr,oui\n"),
      SourceError,
      /^source, line 2, column subscribed: /,
    ],
    ["an unknown column", () => csv("email,prenom\n"), SourceError, /name it data_prenom$/],
    [
      "a query that fails midway",
      () => query("select i / (40000 - i) || '@example.fr' as email from generate_series(1, 50000) i"),
      SourceError,
      /failed after 35000 rows with SQLSTATE 22012$/,
    ],
  ])("%s", async (_, configuration, type, message) => {
    const error = await failure(open(configuration()).then(readAll));
    expect(error).toBeInstanceOf(type);
    expect(error.name).toBe(type.name);
    expect(error.message).toMatch(message);
  });

  test("a secret that does not work", async () => {
    const readSecret = async () => ({ ...postgres.secret, password: "wrong" });
    const error = await failure(
      readSourceInThread({
        configuration: query("select 1"),
        timeZone: "UTC",
        readSecret,
        signal: new AbortController().signal,
      }),
    );
    expect(error).toBeInstanceOf(CredentialError);
  });

  test("a secret that can not be read", async () => {
    const readSecret = () =>
      Promise.reject(new CredentialError("newsletter-sync/database", "there is no such secret"));
    const error = await failure(
      readSourceInThread({
        configuration: query("select 1"),
        timeZone: "UTC",
        readSecret,
        signal: new AbortController().signal,
      }),
    );
    expect(error.message).toMatch(/there is no such secret/);
  });

  test("a thread that runs out of memory", async () => {
    const source = query(
      "select i || '@example.fr' as email, repeat('x', 100000) as data_a from generate_series(1, 5000) i",
    );
    const error = await failure(open(source).then(readAll));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toBe("source, its thread: ended unexpectedly");
    expect(error.cause).toMatchObject({ code: "ERR_WORKER_OUT_OF_MEMORY" });
    await until(async () => (await sessions()) === 0);
  });
});

describe("aborting", () => {
  test("ends the reading with the reason, and the thread and its session with it", async () => {
    const abort = new AbortController();
    const source = await open(
      query("select i || '@example.fr' as email from generate_series(1, 1000000) i"),
      abort,
    );
    const reading = (async () => {
      for await (const _ of source.blocks()) abort.abort(new Error("time is up"));
    })();
    expect((await failure(reading)).message).toBe("time is up");
    expect(await sessions()).toBe(0);
  });

  test("ends the opening with the reason, and cancels the query on the server", async () => {
    const abort = new AbortController();
    const opening = failure(open(query("select pg_sleep(600)::text as email"), abort));
    await until(async () => (await sessions()) > 0);
    abort.abort(new Error("time is up"));
    expect((await opening).message).toBe("time is up");
    expect(await sessions()).toBe(0);
  });

  test("before the opening starts no thread", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    expect((await failure(open(csv("email\na\n"), { signal }))).message).toBe("too late");
  });
});

test("closing ends the thread, whether its rows were asked for or not, and may be done again", async () => {
  const source = await open(query("select i || '@example.fr' as email from generate_series(1, 1000000) i"));
  await source.close();
  await source.close();
  expect(await sessions()).toBe(0);
});
