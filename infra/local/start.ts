import { randomUUID } from "node:crypto";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { wrap } from "../../functions/planning/plain-text.ts";
import { indexPageKey } from "../../functions/platform/storage/page-keys.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../config.ts";
import { demonstrationPages } from "./bundle.ts";
import { describeReport } from "./describe-report.ts";
import { startPostgres } from "./embedded-postgres.ts";
import { startLocalFunction } from "./invoke-locally.ts";
import { type LocalAws, startLocalAws } from "./local-aws.ts";
import { drawPage } from "./local-pages.ts";
import { showProgress } from "./progress.ts";
import { pushSample } from "./push-sample.ts";
import { constantContactSample } from "./sample-constant-contact.ts";
import {
  type Sample,
  type SampleProvider,
  sampleDatabase,
  sampleGrants,
  sampleQuery,
  sampleToldReaders,
  sampleWriter,
} from "./sample-data.ts";
import { ownpageSample } from "./sample-ownpage.ts";
import { showPlan } from "./show-plan.ts";
import { readPlanOf } from "./stored-plan.ts";
import { widthOf } from "./width-of.ts";

const list = "daily";
const width = widthOf(process.stdout);

const samples: ReadonlyMap<string, Sample> = new Map([
  ["ownpage", ownpageSample],
  ["constant-contact", constantContactSample],
]);

const usage = `npm start -- [--provider PROVIDER]
Shows syncs of a sample database with a provider, all of them on this machine.
  --provider PROVIDER   ${[...samples.keys()].join(" or ")} (ownpage)
  --help                show this`;

/**
 * `npm start`: runs sync-subscribers, bundled as for Lambda and in a process of its own, to bring a sandbox provider
 * and a real PostgreSQL into line with each other.
 */
async function demonstrate(sample: Sample): Promise<void> {
  say(
    wrap(`starting ${sample.provider}, a PostgreSQL, an S3 and a Secrets Manager on this machine …`, {
      width,
      indent: 0,
    }),
  );
  const provider = await sample.start();
  const postgres = await startPostgres();
  const writer = { ...postgres.secret, username: sampleWriter, password: randomUUID() };
  const aws = await startLocalAws({
    variables: {},
    secrets: {
      [provider.configuration.secret]: provider.credentials,
      "newsletter-sync/database": postgres.secret,
      "newsletter-sync/database-writer": writer,
    },
  });
  const database = new pg.Client(postgres.url);
  await database.connect();
  try {
    await database.query(sampleDatabase(sample.readers));
    await database.query(`create role ${sampleWriter} login password '${writer.password}'; ${sampleGrants}`);
    await planApplyAndRepeat({ sample, provider, database, aws });
  } finally {
    await database.end();
    await Promise.all([provider.stop(), postgres.stop(), aws.stop()]);
  }
}

interface BothSides {
  readonly sample: Sample;
  readonly provider: SampleProvider;
  readonly database: pg.Client;
  readonly aws: LocalAws;
}

async function planApplyAndRepeat({ sample, provider, database, aws }: BothSides): Promise<void> {
  const progress = showProgress();
  const configuration = configurationFor(sample, provider);
  const sync = await startLocalFunction({
    functionName: "sync-subscribers",
    configuration: functionConfiguration(configuration, "sync-subscribers"),
    environment: aws.environment,
    onLine: progress.line,
  });
  const invoke = async (event: object): Promise<SyncReport> => {
    say(`\n▸ sync-subscribers ${JSON.stringify(event)}`);
    const result = await sync.invoke(event);
    progress.end();
    await drawPage(aws.environment, progress.summary?.report ?? "", demonstrationPages);
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
    say(`\n${describeReport(report, width)}\n\n${wrap(progress.summary?.text ?? "", { width, indent: 2 })}`);
  const applyAgain = async () => {
    const report = await invoke({ list, mode: "apply" });
    await sayPlan();
    showNumbers(report);
  };
  try {
    const plan = await invoke({ list, mode: "plan" });
    await sayPlan();
    showNumbers(plan);
    showNumbers(await invoke({ list, mode: "apply" }));
    say(`\n▸ pages of these runs, for a browser: ${relative("", join(demonstrationPages, indexPageKey))}`);
    await showTold();
    const { firstName } = sample;
    await pushSample({ list, configuration, database, aws, firstName, say, onLine: progress.line });
    say(`\n${wrap(progress.summary?.text ?? "", { width, indent: 2 })}`);
    await applyAgain();
    if (provider.goOn === undefined) return;
    say(`\n${wrap(`▸ meanwhile, at the provider: ${provider.goOn()}`, { width, indent: 2 })}`);
    await applyAgain();
    await applyAgain();
  } finally {
    await sync.stop();
  }
}

function configurationFor({ firstName, statements }: Sample, { configuration, listId }: SampleProvider) {
  return parseConfiguration({
    provider: configuration,
    lists: {
      [list]: {
        id: listId,
        source: { kind: "postgres", secret: "newsletter-sync/database", query: sampleQuery(firstName) },
        returns: {
          kind: "postgres",
          secret: "newsletter-sync/database-writer",
          statements,
        },
      },
    },
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function parseCommand(): Sample | "help" {
  const { values } = parseArgs({
    options: {
      provider: { type: "string", default: "ownpage" },
      help: { type: "boolean", default: false },
    },
  });
  const sample = samples.get(values.provider);
  if (sample === undefined) throw new Error(`there is no sample of the provider "${values.provider}"`);
  return values.help ? "help" : sample;
}

let command: Sample | "help" | undefined;
try {
  command = parseCommand();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
  process.exitCode = 2;
}
if (command === "help") say(usage);
else if (command !== undefined) await demonstrate(command);
