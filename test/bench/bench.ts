import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareAccount } from "./compare-account.ts";
import { prepareArchive } from "./compare-archive.ts";
import { prepareImport } from "./compare-import.ts";
import { prepareLookUp } from "./compare-look-up.ts";
import { prepareReturns } from "./compare-returns.ts";
import { prepareStart } from "./compare-start.ts";
import { prepareSync } from "./compare-sync.ts";
import { compare, type PartOptions, type Prepare } from "./comparison.ts";
import { measureGrowth } from "./growth.ts";
import { measurePush } from "./measure-push.ts";
import { measureWindow } from "./window.ts";

const usage = `npm run bench -- [PART…] [--size N] [--rounds N]
  sync      the sync, the guide's algorithm and the floor, with a sandbox that waits 100 ms a request
  import    the import of a PostgreSQL table into S3, and psql writing the same rows as CSV
  archive   the archive of one large day of events, and curl and gzip storing the same file
  returns   the opt-outs of all readers into a PostgreSQL table, and psql loading the same rows for the same statement
  constant-contact  the sync with an account there, a plain client that reads everything, and what the pace allows
  start     each function's bundle and its time to a first answer, and those of an empty handler
  growth    the sync, a first load and a refused plan, from 10k subscribers up to --size; draws docs/growth.svg
  look-up   one reader's file: a year of history alone, with both sides of the list, and erased from an archive
  push      from an accepted message to the provider's list, one and 10,000 at once, also while every step fails
  window    how long before a write its resubscriptions were looked at
  --size    how many subscribers: 10k, 100k, 1m, 10m (1m)
  --rounds  how often each contender runs (3)
Without a PART, the first six.`;

/**
 * In each part, contenders do the same work in turn, each in a process of its own; what counts are the ratios within
 * one run. Functions are timed by their reports, without the start of their process, except in `start`, and where
 * `growth` has a plan refused: a failed invocation returns no report.
 */
const comparisons: Readonly<Record<string, Prepare>> = {
  sync: prepareSync,
  import: prepareImport,
  archive: prepareArchive,
  returns: prepareReturns,
  start: prepareStart,
  "constant-contact": prepareAccount,
};

/** Run only if it is named, as it takes long to prepare. */
const comparisonsByName: Readonly<Record<string, Prepare>> = { "look-up": prepareLookUp };

type Part = (options: PartOptions) => Promise<void>;

const units = { k: 1_000, m: 1_000_000 };

const { parts, size } = parseCommand();
for (const part of parts) {
  const folder = mkdtempSync(join(tmpdir(), "newsletter-sync-bench-"));
  try {
    await part({ size, folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parseCommand(): { readonly parts: readonly Part[]; readonly size: number } {
  try {
    const { values, positionals } = parseArgs({
      options: {
        size: { type: "string", default: "1m" },
        rounds: { type: "string", default: "3" },
        help: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const parts = partsNamed(positionals, parseRounds(values.rounds));
    return { parts, size: parseSize(values.size) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

function partsNamed(names: readonly string[], rounds: number): Part[] {
  const compared = Object.entries({ ...comparisons, ...comparisonsByName }).map(
    ([name, prepare]) => [name, comparisonPart(prepare, rounds)] as const,
  );
  const parts = new Map<string, Part>([
    ...compared,
    ["growth", measureGrowth],
    ["window", measureWindow],
    ["push", measurePush],
  ]);
  return (names.length === 0 ? Object.keys(comparisons) : names).map((name) => {
    const part = parts.get(name);
    if (part !== undefined) return part;
    throw new Error(`there is no part "${name}"`);
  });
}

function comparisonPart(prepare: Prepare, rounds: number): Part {
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
  if (number === undefined) throw new Error(`--size takes a number such as 10k or 1m, not "${text}"`);
  return Number(number) * (units[unit as keyof typeof units] ?? 1);
}

function parseRounds(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--rounds takes a whole number above 0, not "${text}"`);
  return Number(text);
}
