import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareArchive } from "./compare-archive.ts";
import { prepareImport } from "./compare-import.ts";
import { prepareStart } from "./compare-start.ts";
import { prepareSync } from "./compare-sync.ts";
import { compare, type PartOptions, type Prepare } from "./comparison.ts";
import { measureGrowth } from "./growth.ts";
import { measureWindow } from "./window.ts";

/**
 * `npm run bench`, or `npm run bench -- PART…` for some of its parts. In each, contenders do the same work in
 * turn, each in a process of its own; what counts are the ratios within one run.
 *
 * - sync: the sync, the guide's algorithm and the floor, against a sandbox that waits 100 ms a request
 * - import: the import of a PostgreSQL table into S3, and psql writing the same rows as CSV
 * - archive: the archive of one large day of events, and curl and gzip storing the same file
 * - start: each function's bundle and its way to its first answer, and those of an empty handler
 * - growth: the sync, a first load and a refused plan at 10k, 100k, 1m and 10m subscribers, up to `--size`, one
 *   round of each; draws docs/growth.svg. It is long, and so runs only where it is named
 * - window: how long before a write the resubscriptions in it were looked at; only where it is named
 *
 * Functions are timed by their reports, without the start of their process, except in `start` and where `growth`
 * has a plan refused: a failed invocation returns no report.
 */
const comparisons: Readonly<Record<string, Prepare>> = {
  sync: prepareSync,
  import: prepareImport,
  archive: prepareArchive,
  start: prepareStart,
};

type Part = (options: PartOptions) => Promise<void>;

const units = { k: 1_000, m: 1_000_000 };

const { values, positionals } = parseArgs({
  options: { size: { type: "string", default: "1m" }, rounds: { type: "string", default: "3" } },
  allowPositionals: true,
});
const size = parseSize(values.size);
const rounds = parseRounds(values.rounds);
for (const part of partsNamed(positionals)) {
  const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-bench-"));
  try {
    await part({ size, folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function partsNamed(names: readonly string[]): Part[] {
  const compared = Object.entries(comparisons).map(([name, prepare]) => [name, comparing(prepare)] as const);
  const parts = new Map<string, Part>([...compared, ["growth", measureGrowth], ["window", measureWindow]]);
  return (names.length === 0 ? Object.keys(comparisons) : names).map((name) => {
    const part = parts.get(name);
    if (part !== undefined) return part;
    throw new Error(`a part is one of ${[...parts.keys()].join(", ")}, not "${name}"`);
  });
}

function comparing(prepare: Prepare): Part {
  return async (options) => {
    const comparison = await prepare(options);
    try {
      await compare(comparison, rounds);
    } finally {
      await comparison.stop();
    }
  };
}

function parseSize(text: string): number {
  const [, number, unit] = /^(\d+)([km]?)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`--size must be like 10k, 100k, 1m or 10m, not "${text}"`);
  return Number(number) * (units[unit as keyof typeof units] ?? 1);
}

function parseRounds(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--rounds must be a whole number from 1 on, not "${text}"`);
  return Number(text);
}
