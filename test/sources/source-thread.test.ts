import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createS3Client } from "../../functions/platform/storage/s3-client.ts";
import { bundleFunction } from "../../infra/local/bundle.ts";
import { startEmbeddedS3 } from "../../infra/local/embedded-s3.ts";
import { database, useDatabase } from "./database.ts";
import { until } from "./outcomes.ts";
import { csvAt, csvOf, openInThread, queryOf, readers, readThread } from "./threads.ts";

useDatabase();

describe("a source is read in a thread", () => {
  test("as packed rows, with the rows that are rejected", async () => {
    const source = await openInThread(
      csvOf(
        "data_a,email,subscribed,guid,consented_at\n1,A@example.fr,,g1,2026-01-02\n2,,,,\n,b@example.fr,no,,soon\n",
      ),
    );
    expect(source.columns).toEqual(["data_a", "guid"]);
    expect(source.givesConsents).toBe(true);
    expect(await readThread(source)).toEqual({
      subscribers: [
        {
          email: "A@example.fr",
          subscribed: true,
          consentedAt: Date.UTC(2026, 0, 1, 23),
          fields: { data_a: "1", guid: "g1" },
        },
        { email: "b@example.fr", subscribed: false, cause: "PUBLISHER", fields: { data_a: "", guid: "" } },
      ],
      rejected: [{ place: "line 3", reason: "email is empty", email: "", unsubscribed: false }],
      unreadableConsents: ["line 4"],
      rows: 3,
    });
  });

  test("from S3, with the settings of the environment", async () => {
    const server = await startEmbeddedS3({ buckets: ["exports"] });
    onTestFinished(server.stop);
    vi.stubEnv("AWS_ENDPOINT_URL_S3", server.url);
    vi.stubEnv("AWS_REGION", "eu-west-3");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    onTestFinished(() => void vi.unstubAllEnvs());
    const s3 = createS3Client();
    const Body = "email\na@example.fr\n";
    await s3.send(new PutObjectCommand({ Bucket: "exports", Key: "readers.csv", Body }));
    s3.destroy();
    const source = await openInThread(csvAt("s3://exports/readers.csv"));
    expect((await readThread(source)).subscribers).toMatchObject([{ email: "a@example.fr" }]);
  });

  test("from PostgreSQL, with the secret that the main thread reads", async () => {
    const source = await openInThread(readers(12345));
    expect(Math.abs(source.readAt - Date.now())).toBeLessThan(60_000);
    const { subscribers, rows } = await readThread(source);
    expect(rows).toBe(12_345);
    expect(subscribers.at(-1)).toEqual({ email: "r12345@example.fr", subscribed: true, fields: {} });
    await database.everySessionEnds();
  });

  test("that runs the bundle when the caller is bundled", async () => {
    const entry = fileURLToPath(new URL("fixtures/count-rows.ts", import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-thread-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
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
    expect(await call(csvOf("email\na@example.fr\nb@example.fr\n"))).toBe("2");
    expect(await call(csvOf("email\na@example.fr\nb@example.fr"))).toMatch(/^SourceError: source, line 3: /);
  });

  test.each([
    [30_000, 3000],
    [5000, 20_000],
    [500, 200_000],
  ])("with far less memory than its rows take: %i of %i bytes", async (count, bytes) => {
    const source = await openInThread(
      queryOf(
        `select i || '@example.fr' as email, repeat('x', ${bytes}) as data_a from generate_series(1, ${count}) i`,
      ),
      { maxHeapMegabytes: 64 },
    );
    let rows = 0;
    for await (const { records } of source.blocks()) rows += records.count;
    expect(rows).toBe(count);
  });

  test("with rows of any width, of which the widest are rejected", async () => {
    const source = await openInThread(
      queryOf(
        `select i || '@example.fr' as email, repeat('é', i * 1000000) as data_a, i as guid
          from unnest(array[0, 1, 40]) i`,
      ),
    );
    const { subscribers, rejected } = await readThread(source);
    expect(subscribers).toMatchObject([{ email: "0@example.fr" }]);
    const reason = "the row is larger than 262144 bytes, most of all its data_a";
    expect(rejected).toEqual([
      { email: "1@example.fr", guid: "1", reason, place: "row 2", unsubscribed: false },
      { email: "40@example.fr", guid: "40", reason, place: "row 3", unsubscribed: false },
    ]);
  });

  test("no further ahead than the limit, even if every row is rejected", async () => {
    const source = await openInThread(queryOf("select '' as email from generate_series(1, 2000000) i"), {
      readAheadBytes: 1_000_000,
    });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    await blocks.next();
    const active = async () => await database.sessions("ClientWrite");
    await until(async () => (await active()) === 1);
    await blocks.return?.();
    await database.everySessionEnds();
  });

  test("no further ahead than the limit, while the server waits", async () => {
    const source = await openInThread(readers(10_000_000), { readAheadBytes: 1 });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    const first = await blocks.next();
    expect(first.value.records.count).toBeLessThan(20_000);
    await until(async () => (await database.sessions("ClientWrite")) === 1);
    await blocks.return?.();
    await database.everySessionEnds();
  });
});
