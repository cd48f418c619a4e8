import pg from "pg";
import { countsInWords } from "../../functions/platform/run-summary.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../config.ts";
import { type Sandbox, startSandbox } from "../sandbox/ownpage/start-sandbox.ts";
import { type EmbeddedPostgres, startPostgres } from "./embedded-postgres.ts";
import { startLocalFunction } from "./invoke-locally.ts";
import { type LocalAws, startLocalAws } from "./local-aws.ts";
import { readPlan, renderPlan } from "./plan-table.ts";
import { showProgress } from "./progress.ts";
import { sampleDatabase, sampleQuery, sampleSubscribers } from "./sample-data.ts";
import { widthOf, wrap } from "./text-layout.ts";

const list = "daily";
const width = widthOf(process.stdout);

/**
 * `npm start`: runs sync-subscribers, bundled as for Lambda and in a process of its own, to bring a sandbox provider
 * into line with a real PostgreSQL.
 */
async function demonstrate(): Promise<void> {
  say("starting an Ownpage, a PostgreSQL, an S3 and a Secrets Manager on this machine …");
  const sandbox = await startSandbox({
    lists: [{ id: 123, name: "Daily", subscribers: sampleSubscribers(new Date()) }],
  });
  const postgres = await startPostgres();
  const aws = await startLocalAws({
    variables: {},
    secrets: { "newsletter-sync/ownpage": sandbox.credentials, "newsletter-sync/database": postgres.secret },
  });
  try {
    await fillDatabase(postgres);
    await planApplyAndRepeat(sandbox, aws);
  } finally {
    await Promise.all([sandbox.stop(), postgres.stop(), aws.stop()]);
  }
}

async function fillDatabase({ url }: EmbeddedPostgres): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sampleDatabase);
  await client.end();
}

async function planApplyAndRepeat(sandbox: Sandbox, aws: LocalAws): Promise<void> {
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
  const showPlan = async ({ planId }: SyncReport) =>
    say(`\n${renderPlan(await readPlan(aws.environment, { list, planId, maxChanges: 50 }), width)}`);
  const showNumbers = (report: SyncReport) =>
    say(`\n${describe(report)}\n\n${wrap(progress.summary?.text ?? "", { width, indent: 2 })}`);
  try {
    const plan = await invoke({ list, mode: "plan" });
    await showPlan(plan);
    showNumbers(plan);
    showNumbers(await invoke({ list, mode: "apply" }));
    const again = await invoke({ list, mode: "apply" });
    await showPlan(again);
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
      },
    },
  });
}

function describe({ current, desired, planned, kept, applied, notes = [], ms }: SyncReport): string {
  const { returns, ...changes } = planned;
  const lines: [string, string][] = [
    ["provider", countsInWords({ ...current })],
    ["database", countsInWords({ ...desired })],
    ["planned", countsInWords(changes)],
    ["returns", countsInWords(returns)],
    ["kept", countsInWords(kept)],
    ["applied", countsInWords({ ...applied })],
    ...notes.map((note): [string, string] => ["note", note]),
    ["took", `${ms} ms`],
  ];
  return lines
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `  ${name.padEnd(9)} ${wrap(text, { width, indent: 12 })}`)
    .join("\n");
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
