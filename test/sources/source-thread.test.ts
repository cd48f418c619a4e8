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
import { database } from "./database.ts";
import { until } from "./outcomes.ts";
import { csvAt, csvOf, openInThread, queryOf, readers, readThread } from "./threads.ts";

describe("a source is read in a thread", () => {
  test("as packed rows, with the rows that are rejected", async () => {
    const source = await openInThread(
      csvOf(
        "data_a,email,subscribed,guid,consented_at\n1,A@example.fr,,g1,2026-01-02\n2,,,,\n,b@example.fr,no,,\n",
      ),
    );
    expect(source.columns).toEqual(["data_a", "guid"]);
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
      rejected: [{ place: "line 3", reason: "email is empty", email: "" }],
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

  test("with far less memory than its rows take", async () => {
    const source = await openInThread(
      queryOf(
        "select i || '@example.fr' as email, repeat('x', 3000) as data_a from generate_series(1, 100000) i",
      ),
    );
    let rows = 0;
    for await (const { records } of source.blocks()) rows += records.count;
    expect(rows).toBe(100_000);
  });

  test("no further ahead than the limit", async () => {
    const fetched = async () =>
      (await database.admin.query("select from pg_locks where locktype = 'advisory'")).rowCount ?? 0;
    const locking =
      "select i || '@example.fr' as email, pg_try_advisory_lock(i / 5000) as data_locked from generate_series(0, 49999) i";
    const source = await openInThread(queryOf(locking), { readAheadBytes: 1 });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    await blocks.next();
    for (let check = 0; check < 300; check++) expect(await fetched()).toBeLessThanOrEqual(2);
    await blocks.next();
    await until(async () => (await fetched()) >= 2);
    await blocks.return?.();
    await database.everySessionEnds();
  });
});
