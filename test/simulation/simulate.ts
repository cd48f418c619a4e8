import "./synchronous-zlib.ts";
import { parseArgs } from "node:util";
import { simulateAccountHistory } from "./constant-contact/simulate-account-history.ts";
import { simulatePushHistory } from "./push/simulate-push-history.ts";
import { type Outcome, simulateHistory } from "./simulate-history.ts";

/**
 * `npm run simulate -- --histories 10000 [--from SEED]` simulates that many histories, and `-- --seed SEED` a single one;
 * with `--provider constant-contact`, those of such an account, with `--provider push` those of pushes, and with `--bail`
 * only until a promise is broken. Exits with status 1 if one was, and prints the seed.
 */
const simulations = {
  ownpage: simulateHistory,
  "constant-contact": simulateAccountHistory,
  push: simulatePushHistory,
} as const;

const usage = `npm run simulate -- [--provider NAME] [--histories N] [--from SEED] [--bail] | --seed SEED
  --provider NAME   ${Object.keys(simulations).join(", ")} (ownpage)
  --histories N     how many histories (1000)
  --from SEED       the seed of the first one (1)
  --bail            stop when a promise is broken
  --seed SEED       that single history
  --help            show this`;

const { first, histories, stopsAtFirst, simulate } = readOptions();

const startedAt = performance.now();
const outcomes: Outcome[] = [];
for (let seed = first; seed < first + histories; seed++) {
  const outcome = await simulate(seed);
  outcomes.push(outcome);
  for (const promise of outcome.broken) console.log(`seed ${seed}: ${promise}`);
  if (outcome.broken.length === 0) continue;
  process.exitCode = 1;
  if (stopsAtFirst) break;
}
summarise();

function summarise(): void {
  const broken = outcomes.filter((outcome) => outcome.broken.length > 0).length;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${outcomes.length} histories in ${seconds} s, ${broken} of them broke a promise`);
  const counts = new Map<string, number>();
  for (const ending of outcomes.flatMap(({ endings }) => endings)) {
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const summary = [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([ending, count]) => `${ending} ${count}`);
  console.log(`invocations ended: ${summary.join(", ")}`);
  const windows = outcomes.flatMap(({ windowsMs }) => windowsMs);
  if (windows.length > 0) {
    console.log(
      `opted out between our last look and the write: ${windows.length}, the longest of them ${Math.max(...windows)} ms`,
    );
  }
}

interface Options {
  readonly first: number;
  readonly histories: number;
  readonly stopsAtFirst: boolean;
  simulate(seed: number): Promise<Outcome>;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        histories: { type: "string", default: "1000" },
        from: { type: "string", default: "1" },
        seed: { type: "string" },
        bail: { type: "boolean", default: false },
        provider: { type: "string", default: "ownpage" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const { seed, from, provider, bail: stopsAtFirst } = values;
    const simulate = Object.entries(simulations).find(([name]) => name === provider)?.[1];
    if (simulate === undefined)
      throw new Error(`--provider must be ${Object.keys(simulations).join(" or ")}, not "${provider}"`);
    const first = seed === undefined ? numberOf("from", from) : numberOf("seed", seed);
    const histories = seed === undefined ? numberOf("histories", values.histories) : 1;
    return { first, histories, stopsAtFirst, simulate };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

function numberOf(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${option} must be a whole number, not "${text}"`);
  return Number(text);
}
