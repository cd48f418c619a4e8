import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MeasuredFigures, type PartOptions, peakMb, printTable, seconds } from "./comparison.ts";
import { drawPlot, type Look, type Panel } from "./plot.ts";
import { invokeSync, reportOf, runFloor, runSync, type SyncRun, withSandbox } from "./run-sync.ts";
import { writeSource } from "./write-source.ts";

/** The size of a list, and files with the database's side of it. */
interface Setting {
  readonly size: number;
  readonly wholeSource: string;
  /** The first half of its rows. */
  readonly halfSource: string;
}

interface Contender extends Look {
  run(setting: Setting): Promise<MeasuredFigures>;
}

/** The results of a contender, from the smallest size to the largest. */
interface Growth extends Contender {
  readonly measured: (MeasuredFigures & { readonly size: number })[];
}

const sizes = [10_000, 100_000, 1_000_000, 10_000_000, 20_000_000];
const percentChanged = 1;
const plotFile = new URL("../../docs/growth.svg", import.meta.url);

const contenders: readonly Contender[] = [
  {
    name: "the floor",
    color: "#6b7280",
    mark: "line",
    run: ({ size }) => withSandbox(size, (url) => runFloor(url, size)),
  },
  {
    name: "newsletter-sync",
    color: "#1d4ed8",
    mark: "line",
    run: ({ size, wholeSource: sourceFile }) =>
      withSandbox(size, (url) => runSync({ url, sourceFile, size }, (size * percentChanged) / 100)),
  },
  {
    name: "planned first load",
    color: "#b45309",
    mark: "circle",
    run: ({ size, wholeSource: sourceFile }) =>
      withSandbox(0, (url) => planFirstLoad({ url, sourceFile, size })),
  },
  {
    name: "refused mass unsubscription",
    color: "#be123c",
    mark: "cross",
    run: ({ size, halfSource: sourceFile }) =>
      withSandbox(size, (url) => refuseHalf({ url, sourceFile, size })),
  },
];

/**
 * Measures once how the sync's time and memory grow from 10,000 subscribers up to `size`, compared to the floor, when a
 * list is first loaded, and when half of the source is missing. Prints a table and draws a plot.
 */
export async function measureGrowth({ size: largest, folder }: PartOptions): Promise<void> {
  const sizesMeasured = sizes.filter((size) => size <= largest);
  if (sizesMeasured.length === 0)
    throw new Error("growth needs at least 10,000 subscribers: --size 10k or more");
  const upTo = sizesMeasured.at(-1)!.toLocaleString("en-US");
  console.log(`\ngrowth: up to ${upTo} subscribers, ${percentChanged} % changed, 100 ms a request, 1 round`);
  const growths = contenders.map((contender): Growth => ({ ...contender, measured: [] }));
  for (const size of sizesMeasured) {
    const setting = await prepareSetting(size, folder);
    for (const { run, measured } of growths) measured.push({ size, ...(await run(setting)) });
    const times = growths.map(({ name, measured }) => `${name} ${seconds.show(measured.at(-1)!, name)} s`);
    console.log(`  ${size.toLocaleString("en-US")}: ${times.join(", ")}`);
  }
  printTable(["", "subscribers", "s", peakMb.heading, "bytes an address"], growths.flatMap(rowsOf));
  writeFileSync(plotFile, draw(growths));
  console.log("drawn in docs/growth.svg");
}

/** Overwrites the files of the previous size. */
async function prepareSetting(size: number, folder: string): Promise<Setting> {
  const wholeSource = join(folder, "source.csv");
  const halfSource = join(folder, "half-source.csv");
  await writeSource(wholeSource, { size, percentChanged });
  await writeSource(halfSource, { size: size / 2, percentChanged });
  return { size, wholeSource, halfSource };
}

/** The provider's list is empty: every subscribed row, nine in ten, must be planned, and none be sent. */
async function planFirstLoad(run: SyncRun): Promise<MeasuredFigures> {
  const { result, peakMb } = await invokeSync(run, "plan");
  const { planned, ms } = reportOf(result);
  if (planned.subscribe !== (run.size / 10) * 9) {
    throw new Error(`the first load was not planned: ${JSON.stringify(result)}`);
  }
  await assertNothingWritten(run.url);
  return { ms, peakMb };
}

/** Half of the list would be unsubscribed: the list's limit must refuse that. */
async function refuseHalf(run: SyncRun): Promise<MeasuredFigures> {
  const { result, wallMs, peakMb } = await invokeSync(run, "apply");
  if (result.ok || result.error.errorType !== "UnsafePlanError") {
    throw new Error(`the mass unsubscription was not refused: ${JSON.stringify(result)}`);
  }
  await assertNothingWritten(run.url);
  return { ms: wallMs, peakMb };
}

async function assertNothingWritten(url: string): Promise<void> {
  const answer = await fetch(new URL("/sandbox/requests", url));
  const requests = (await answer.json()) as { method: string; path: string }[];
  const writes = requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/token"));
  if (writes.length > 0) throw new Error(`${writes.length} writes were sent that should not have been`);
}

function rowsOf({ name, measured }: Growth): string[][] {
  const least = measured[0]!;
  return measured.map((figures) => [
    name,
    figures.size.toLocaleString("en-US"),
    seconds.show(figures, name),
    peakMb.show(figures, name),
    figures === least ? "-" : bytesAnAddress(figures, least).toFixed(0),
  ]);
}

/** By how much each additional address raises the peak. */
function bytesAnAddress(larger: Growth["measured"][number], smaller: Growth["measured"][number]): number {
  return ((larger.peakMb - smaller.peakMb) * 2 ** 20) / (larger.size - smaller.size);
}

function draw(growths: readonly Growth[]): string {
  const panel = (label: string, numberOf: (figures: MeasuredFigures) => number): Panel => ({
    label,
    curves: growths.map(({ name, color, mark, measured }) => ({
      name,
      color,
      mark,
      points: measured.map((figures) => ({ x: figures.size, y: numberOf(figures) })),
    })),
  });
  return drawPlot({
    title: "How the sync's time and memory grow with the list",
    xLabel: "subscribers",
    panels: [panel("seconds", ({ ms }) => ms / 1000), panel("peak memory, MB", ({ peakMb }) => peakMb)],
  });
}
