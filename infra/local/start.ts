import { randomUUID } from "node:crypto";
import pg from "pg";
import { countsInWords } from "../../functions/platform/run-summary.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../config.ts";
import { type Sandbox, startSandbox } from "../sandbox/ownpage/start-sandbox.ts";
import { startPostgres } from "./embedded-postgres.ts";
import { startLocalFunction } from "./invoke-locally.ts";
import { type LocalAws, startLocalAws } from "./local-aws.ts";
import { showProgress } from "./progress.ts";
import {
  sampleDatabase,
  sampleGrants,
  sampleQuery,
  sampleStatements,
  sampleSubscribers,
  sampleToldReaders,
  sampleWriter,
} from "./sample-data.ts";
import { showPlan } from "./show-plan.ts";
import { readPlanOf } from "./stored-plan.ts";
import { widthOf, wrap } from "./text-layout.ts";

const list = "daily";
const width = widthOf(process.stdout);

/**
 * `npm start`: runs sync-subscribers, bundled as for Lambda and in a process of its own, to bring a sandbox provider
 * and a real PostgreSQL into line with each other.
 */
async function demonstrate(): Promise<void> {
  say("starting an Ownpage, a PostgreSQL, an S3 and a Secrets Manager on this machine …");
  const sandbox = await startSandbox({
    lists: [{ id: 123, name: "Daily", subscribers: sampleSubscribers(new Date()) }],
  });
  const postgres = await startPostgres();
  const writer = { ...postgres.secret, username: sampleWriter, password: randomUUID() };
  const aws = await startLocalAws({
    variables: {},
    secrets: {
      "newsletter-sync/ownpage": sandbox.credentials,
      "newsletter-sync/database": postgres.secret,
      "newsletter-sync/database-writer": writer,
    },
  });
  const database = new pg.Client(postgres.url);
  await database.connect();
  try {
    await database.query(sampleDatabase);
    await database.query(`create role ${sampleWriter} login password '${writer.password}'; ${sampleGrants}`);
    await planApplyAndRepeat({ sandbox, database, aws });
  } finally {
    await database.end();
    await Promise.all([sandbox.stop(), postgres.stop(), aws.stop()]);
  }
}

interface BothSides {
  readonly sandbox: Sandbox;
  readonly database: pg.Client;
  readonly aws: LocalAws;
}

async function planApplyAndRepeat({ sandbox, database, aws }: BothSides): Promise<void> {
  const progress = showProgress();
  const sync = await startLocalFunction({
    functionName: "sync-subscribers",
    configuration: functionConfiguration(configurationFor(sandbox), "sync-subscribers"),
    environment: aws.environment,
    onLine: progress.line,
  });
  const invoke = async (event: object): Promise<SyncReport> => {
    say(`\n▸ sync-subscribers ${JSON.stringify(event)}`);
    const result = await sync.invoke(event);
    progress.end();
    if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
    return result.payload as SyncReport;
  };
  const sayPlan = async () => {
    const stored = await readPlanOf(aws.environment, progress.summary?.report ?? "");
    if (stored !== undefined) say(`\n${showPlan(stored, process.stdout)}`);
  };
  const showTold = async () => {
    const { rows } = await database.query<{ line: string }>(sampleToldReaders);
    say(`\n▸ what the database has heard\n${rows.map(({ line }) => `  ${line}`).join("\n")}`);
  };
  const showNumbers = (report: SyncReport) =>
    say(`\n${describe(report)}\n\n${wrap(progress.summary?.text ?? "", { width, indent: 2 })}`);
  try {
    const plan = await invoke({ list, mode: "plan" });
    await sayPlan();
    showNumbers(plan);
    showNumbers(await invoke({ list, mode: "apply" }));
    await showTold();
    const again = await invoke({ list, mode: "apply" });
    await sayPlan();
    showNumbers(again);
  } finally {
    await sync.stop();
  }
}

function configurationFor(sandbox: Sandbox) {
  return parseConfiguration({
    provider: { kind: "ownpage", baseUrl: sandbox.url, secret: "newsletter-sync/ownpage" },
    lists: {
      [list]: {
        id: 123,
        source: { kind: "postgres", secret: "newsletter-sync/database", query: sampleQuery },
        returns: {
          kind: "postgres",
          secret: "newsletter-sync/database-writer",
          statements: sampleStatements,
        },
      },
    },
  });
}

function describe(report: SyncReport): string {
  const { current, desired, planned, kept, applied, returned, notes = [], ms } = report;
  const { returns, ...changes } = planned;
  const lines: [string, string][] = [
    ["provider", countsInWords({ ...current })],
    ["database", countsInWords({ ...desired })],
    ["planned", countsInWords(changes)],
    ["returns", countsInWords(returns)],
    ["kept", countsInWords(kept)],
    ["applied", countsInWords({ ...applied })],
    ["returned", describeReturned(returned)],
    ...notes.map((note): [string, string] => ["note", note]),
    ["took", `${ms} ms`],
  ];
  return lines
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `  ${name.padEnd(9)} ${wrap(text, { width, indent: 12 })}`)
    .join("\n");
}

function describeReturned({ statements, ...counts }: SyncReport["returned"]): string {
  const words = countsInWords(counts);
  return words === "" ? "" : `${words}; rows by statement: ${statements.join(", ")}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (process.argv.length > 2) {
  process.stderr.write("npm start takes no arguments: it shows one sync with sample data\n");
  process.exitCode = 2;
} else {
  await demonstrate();
}
