/** The result of one run. */
export interface Figures {
  readonly ms: number;
  /** Absent for a system program, which does not report it. */
  readonly peakMb?: number;
  /** Of the provider; only where they are what takes the time. */
  readonly requests?: number;
}

/** Those of a program of ours. */
export type MeasuredFigures = Figures & { readonly peakMb: number };

/** A column of the table. A contender's time is the median of its runs, its peak the highest of them. */
export interface Column {
  readonly heading: string;
  show(figures: Figures, contender: string): string;
}

/** What a part gets: the number of subscribers, and a temporary folder. */
export interface PartOptions {
  readonly size: number;
  readonly folder: string;
}

/** Prepares the contenders. */
export type Prepare = (options: PartOptions) => Promise<Comparison>;

/** Contenders that do the same work, ready to run. */
export interface Comparison {
  readonly headline: string;
  /** @default the number that was asked for */
  readonly rounds?: number;
  readonly contenders: Readonly<Record<string, () => Promise<Figures>>>;
  readonly columns: readonly Column[];
  /** Pairs of contenders whose times are compared, the first divided by the second. */
  readonly ratios: readonly (readonly [contender: string, other: string])[];
  stop(): Promise<void>;
}

export const peakMb: Column = {
  heading: "peak MB",
  show: (figures) => (figures.peakMb === undefined ? "-" : String(Math.round(figures.peakMb))),
};

export const seconds: Column = { heading: "median s", show: ({ ms }) => (ms / 1000).toFixed(2) };

export const milliseconds: Column = { heading: "median ms", show: ({ ms }) => ms.toFixed(0) };

/** How much of an amount is done in a second. */
export function perSecond(heading: string, amount: number): Column {
  const format = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
  return { heading, show: ({ ms }) => format.format(amount / (ms / 1000)) };
}

/** Runs the contenders in turn, round after round, and prints their results. */
export async function compare(comparison: Comparison, roundsAsked: number): Promise<void> {
  const { headline, rounds = roundsAsked, contenders } = comparison;
  console.log(`\n${headline}, ${rounds} round${rounds === 1 ? "" : "s"}`);
  const runs = new Map<string, Figures[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) runs.get(name)!.push(await run());
    const times = Array.from(runs, ([name, figures]) => `${name} ${seconds.show(figures[round]!, name)} s`);
    console.log(`  ${times.join(", ")}`);
  }
  const summaries = new Map(Array.from(runs, ([name, figures]) => [name, summaryOf(figures)]));
  printTable(
    ["", ...comparison.columns.map(({ heading }) => heading)],
    Array.from(summaries, ([name, figures]) => [
      name,
      ...comparison.columns.map(({ show }) => show(figures, name)),
    ]),
  );
  for (const [name, other] of comparison.ratios) {
    const ratio = (summaries.get(name)!.ms / summaries.get(other)!.ms).toFixed(2);
    console.log(`${name} takes ${ratio} times as long as ${other}`);
  }
}

function summaryOf(figures: readonly Figures[]): Figures {
  const peaks = figures.flatMap(({ peakMb }) => peakMb ?? []);
  const requests = figures.flatMap(({ requests }) => requests ?? []);
  return {
    ms: medianOf(figures.map(({ ms }) => ms)),
    ...(peaks.length > 0 && { peakMb: Math.max(...peaks) }),
    ...(requests.length > 0 && { requests: medianOf(requests) }),
  };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Prints a Markdown table with one column of text and others of numbers. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const rule = headings.map((_, column) => (column === 0 ? "---" : "---:"));
  console.log();
  for (const cells of [headings, rule, ...rows]) console.log(`| ${cells.join(" | ")} |`);
  console.log();
}
