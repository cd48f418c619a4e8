import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { copyBlocks } from "../../functions/sinks/postgres/copy-blocks.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { type Figures, type Prepare, peakMb, perSecond, seconds } from "./comparison.ts";
import { isOnPath, runScript } from "./processes.ts";
import { syntheticReturns } from "./write-returns.ts";

const psql = "psql";
const statement =
  "update readers r set daily = false, opted_out_at = c.changed_at, opt_out_cause = c.cause from changes c " +
  "where lower(r.email) = c.address and c.kind = 'unsubscribed' and r.daily " +
  "and (r.consented_at is null or r.consented_at <= c.changed_at)";

/** A table of readers that gets the opt-out of each, and psql doing the same from a file. */
export const prepareReturns: Prepare = async ({ size, folder }) => {
  if (!isOnPath(psql)) throw new Error("psql is not on the path");
  const postgres = await startPostgres();
  const file = join(folder, "changes.copy");
  const blocks = copyBlocks(syntheticReturns(size), new AbortController().signal);
  await pipeline(Readable.from(blocks), createWriteStream(file));
  const withReaders = (contender: () => Promise<Figures>) => async () => {
    await createReaders(postgres, size);
    return await contender();
  };
  return {
    headline: `returns: ${size.toLocaleString("en-US")} opt-outs into PostgreSQL`,
    contenders: {
      "the sink": withReaders(() =>
        runScript("run-returns.ts", [String(size), statement], {
          DATABASE_SECRET: JSON.stringify(postgres.secret),
        }),
      ),
      "psql \\copy": withReaders(() => runPsql(postgres, file)),
    },
    columns: [seconds, perSecond("rows a second", size), peakMb],
    ratios: [["the sink", "psql \\copy"]],
    stop: () => postgres.stop(),
  };
};

/** Every contender gets the same table, in which nothing is left of the one before. */
async function createReaders({ url }: EmbeddedPostgres, size: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`drop table if exists readers;
    create table readers (email text, daily boolean, consented_at timestamptz, opted_out_at timestamptz, opt_out_cause text);
    insert into readers select 'Reader.' || n || '@example' || n % 97 || '.fr', true, '2025-01-01'
      from generate_series(0, ${size - 1}) n;
    create index on readers (lower(email))`);
  await client.query("vacuum (freeze, analyze) readers");
  await client.query("checkpoint");
  await client.end();
}

async function runPsql({ secret }: EmbeddedPostgres, file: string): Promise<Figures> {
  const { host, port, username, password, dbname } = secret;
  const connection = ["-h", host, "-p", String(port), "-U", username, "-d", dbname];
  const columns =
    "address text, email text, kind text, cause text, changed_at timestamptz, guid text, fields jsonb";
  const commands = [
    `create temporary table changes (${columns}) on commit drop`,
    `\\copy changes from '${file}'`,
    statement,
  ];
  const startedAt = performance.now();
  const program = spawn(
    psql,
    ["-X", "-q", "-1", ...connection, ...commands.flatMap((text) => ["-c", text])],
    {
      env: { ...process.env, PGPASSWORD: password },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const [code] = await once(program, "exit");
  if (code !== 0) throw new Error(`psql ended with status ${code}`);
  return { ms: performance.now() - startedAt };
}
