import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { ImportReport } from "../../functions/import-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { type EmbeddedPostgres, startPostgres } from "../../infra/local/embedded-postgres.ts";
import { invokeLocally } from "../../infra/local/invoke-locally.ts";
import { startLocalAws } from "../../infra/local/local-aws.ts";
import { type Figures, type Prepare, peakMb, perSecond, seconds } from "./comparison.ts";
import { isOnPath, startServer } from "./processes.ts";

const psql = "psql";
const query = "select email, guid, data_firstname, data_city from readers";

/** The plan and the files of an import of a table into an empty list, and PostgreSQL itself writing the same query as CSV. */
export const prepareImport: Prepare = async ({ size, folder }) => {
  const postgres = await startPostgres();
  await createReaders(postgres, size);
  const sandbox = await startServer("../../infra/sandbox/ownpage/main.ts", [
    "--port",
    "0",
    "--subscribers",
    "0",
  ]);
  const rival = isOnPath(psql)
    ? { name: "psql \\copy to stdout", run: () => runPsql(postgres, join(folder, "readers.csv")) }
    : { name: "copy to a file on the server", run: () => runServerCopy(postgres) };
  return {
    headline: `import: ${size.toLocaleString("en-US")} rows of PostgreSQL, and ${rival.name}`,
    contenders: {
      "import-subscribers": () => runImport({ postgres, url: sandbox.url, size }),
      [rival.name]: rival.run,
    },
    columns: [seconds, perSecond("rows a second", size), peakMb],
    ratios: [["import-subscribers", rival.name]],
    stop: async () => {
      await sandbox.stop();
      await postgres.stop();
    },
  };
};

async function createReaders(postgres: EmbeddedPostgres, size: number): Promise<void> {
  await withClient(postgres, async (client) => {
    await client.query(`create table readers as select
      'reader.' || n || '@example' || n % 97 || '.fr' as email,
      (1000000 + n)::text as guid,
      (array['Zoé', 'Hélène', 'François', 'Anaïs', 'Jean-Rémy'])[1 + n / 3 % 5] as data_firstname,
      (array['Paris', 'Lyon', 'Saint-Étienne', 'Aix-en-Provence', 'Lille', 'Nîmes'])[1 + n / 7 % 6] as data_city
      from generate_series(0, ${size - 1}) n`);
    // Otherwise the first contender would have to set hint bits on the new rows.
    await client.query("vacuum (freeze, analyze) readers");
  });
}

interface ImportRun {
  readonly postgres: EmbeddedPostgres;
  /** Of the sandbox whose list is empty. */
  readonly url: string;
  readonly size: number;
}

/** Uses a new S3 each time, which has nothing from an earlier run. */
async function runImport({ postgres, url, size }: ImportRun): Promise<Figures> {
  const aws = await startLocalAws({
    variables: {},
    secrets: {
      "newsletter-sync/database": postgres.secret,
      "newsletter-sync/ownpage": { client: "demo", apiKey: "demo-key" },
    },
  });
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage" },
    lists: { daily: { id: 123, source: { kind: "postgres", secret: "newsletter-sync/database", query } } },
  });
  try {
    const { result, peakMemoryMb } = await invokeLocally({
      functionName: "import-subscribers",
      configuration: functionConfiguration(configuration, "import-subscribers"),
      environment: aws.environment,
      memoryMb: size <= 1_000_000 ? 512 : 1536,
      event: { list: "daily", dryRun: true },
      onLine: () => undefined,
    });
    if (!result.ok) throw new Error(result.error.errorMessage);
    const { planned, files, ms } = result.payload as ImportReport;
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    if (planned.subscribe !== size || rows !== size) {
      throw new Error(`the import did not do its work: ${JSON.stringify(result.payload)}`);
    }
    return { ms, peakMb: peakMemoryMb };
  } finally {
    await aws.stop();
  }
}

async function runPsql({ secret }: EmbeddedPostgres, file: string): Promise<Figures> {
  const { host, port, username, password, dbname } = secret;
  const connection = ["-h", host, "-p", String(port), "-U", username, "-d", dbname];
  const output = openSync(file, "w");
  const startedAt = performance.now();
  const program = spawn(psql, ["-X", ...connection, "-c", `\\copy (${query}) to stdout csv`], {
    env: { ...process.env, PGPASSWORD: password },
    stdio: ["ignore", output, "inherit"],
  });
  const [code] = await once(program, "exit");
  const ms = performance.now() - startedAt;
  closeSync(output);
  if (code !== 0) throw new Error(`psql ended with status ${code}`);
  return { ms };
}

async function runServerCopy(postgres: EmbeddedPostgres): Promise<Figures> {
  return await withClient(postgres, async (client) => {
    // The one folder that the server can surely write to, and that is removed with it.
    const { rows } = await client.query("select current_setting('data_directory') as folder");
    const startedAt = performance.now();
    await client.query(`copy (${query}) to '${rows[0].folder}/readers.csv' csv`);
    return { ms: performance.now() - startedAt };
  });
}

async function withClient<T>({ url }: EmbeddedPostgres, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
