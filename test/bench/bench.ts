import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { startLocalFunction } from "../../infra/local/invoke-locally.ts";
import { startLocalAws } from "../../infra/local/local-aws.ts";
import { writeSource } from "./write-source.ts";

/**
 * `npm run bench`: the sync, the guide's algorithm and the floor, each in a process of its own against a
 * sandbox in another, in turn and on the same list. What counts are the ratios within one run.
 */

interface Figures {
  readonly ms: number;
  readonly peakMb: number;
}

type Contender = (url: string) => Promise<Figures>;

const run = promisify(execFile);
const units = { k: 1_000, m: 1_000_000 };
const { values } = parseArgs({
  options: { size: { type: "string", default: "1m" }, rounds: { type: "string", default: "3" } },
});
const size = parseSize(values.size);
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-bench-"));
const sourceFile = join(folder, "source.csv");
const aws = await startLocalAws({
  variables: {},
  secrets: { "newsletter-sync/ownpage": { client: "demo", apiKey: "demo-key" } },
});

const contenders: Record<string, Contender> = {
  "the floor": (url) => runScript("floor.ts", [url, String(size)]),
  "newsletter-sync": runSync,
  "the guide": (url) => runScript("guide.ts", [url, sourceFile]),
};

try {
  await writeSource(sourceFile, size);
  console.log(`${size.toLocaleString("en-US")} subscribers, 2 % changed, 100 ms a request, ${rounds} rounds`);
  const figures: Record<string, Figures[]> = Object.fromEntries(
    Object.keys(contenders).map((name) => [name, []]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const figure = await withSandbox(contender);
      figures[name]!.push(figure);
      console.log(`  ${name}: ${(figure.ms / 1000).toFixed(2)} s, ${Math.round(figure.peakMb)} MB`);
    }
  }
  printTable(figures);
} finally {
  await aws.stop();
  rmSync(folder, { recursive: true });
}

async function runSync(url: string): Promise<Figures> {
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage" },
    lists: { daily: { id: 123, source: { kind: "csv", uri: pathToFileURL(sourceFile).href } } },
  });
  const sync = await startLocalFunction({
    functionName: "sync-subscribers",
    configuration: functionConfiguration(configuration, "sync-subscribers"),
    environment: aws.environment,
    memoryMb: 512,
    onLine: () => undefined,
  });
  try {
    const result = await sync.invoke({ list: "daily", mode: "apply" });
    if (!result.ok) throw new Error(result.error.errorMessage);
    const { applied, discrepancies, notes, ms } = result.payload as SyncReport;
    if (applied.accepted !== size / 50 || discrepancies.length + notes.length > 0) {
      throw new Error(`the sync did not do its work: ${JSON.stringify(result.payload)}`);
    }
    return { ms, peakMb: sync.peakMemoryMb };
  } finally {
    await sync.stop();
  }
}

async function runScript(name: string, scriptArguments: string[]): Promise<Figures> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const { stdout } = await run(process.execPath, [script, ...scriptArguments]);
  return JSON.parse(stdout);
}

/** A fresh list for each, its pages serialised beforehand so that serving them costs next to nothing. */
async function withSandbox(contender: Contender): Promise<Figures> {
  const main = fileURLToPath(new URL("../../infra/local/sandbox/main.ts", import.meta.url));
  const options = ["--port", "0", "--delay", "100", "--subscribers", String(size)];
  const sandbox: ChildProcess = fork(main, options, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    const [{ url }] = (await once(sandbox, "message")) as [{ url: string }];
    await runScript("floor.ts", [url, String(size)]);
    return await contender(url);
  } finally {
    sandbox.disconnect();
    await once(sandbox, "exit");
  }
}

function printTable(figures: Record<string, Figures[]>): void {
  const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >>> 1]!;
  const msOf = (name: string) => figures[name]!.map(({ ms }) => ms);
  const ratio = (name: string, other: string) =>
    median(msOf(name).map((ms, round) => ms / msOf(other)[round]!)).toFixed(2);
  console.log("\n| | median s | peak MB |\n|---|---|---|");
  for (const name of Object.keys(figures)) {
    const peak = Math.max(...figures[name]!.map(({ peakMb }) => peakMb));
    console.log(`| ${name} | ${(median(msOf(name)) / 1000).toFixed(2)} | ${Math.round(peak)} |`);
  }
  console.log(`\nthe sync takes ${ratio("newsletter-sync", "the floor")} times the floor`);
  console.log(`the guide takes ${ratio("the guide", "newsletter-sync")} times the sync`);
}

function parseSize(text: string): number {
  const [, number, unit] = /^(\d+)([km]?)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`--size must be like 10k, 100k, 1m or 10m, not "${text}"`);
  return Number(number) * (units[unit as keyof typeof units] ?? 1);
}
