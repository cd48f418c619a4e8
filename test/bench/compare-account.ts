import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { syntheticSourceRow } from "../../infra/sandbox/constant-contact/synthetic-contact.ts";
import { type Column, type Figures, type Prepare, peakMb, seconds } from "./comparison.ts";
import { runScript, startServer } from "./processes.ts";
import { writeSource } from "./write-source.ts";

const requestsPerSecond = 3;
const percentChanged = 2;

const list = {
  firstName: "data_first_name",
  rowOf: (n: number) => {
    const { email, guid, data_first_name } = syntheticSourceRow(n);
    return { email, guid, firstName: data_first_name };
  },
  isSubscribed: (n: number) => n % 10 !== 9,
};

const requests: Column = { heading: "requests", show: (figures) => String(figures.requests ?? "-") };

/**
 * The sync with Constant Contact, when the account is read for the first time, when nothing has changed, and when 2 % have;
 * and a plain client that reads everything each time. All keep to three requests a second, on a clock that skips the waits
 * and counts them. The floor is what that pace alone makes of the requests of the sync's run.
 */
export const prepareAccount: Prepare = async ({ size, folder }) => {
  const changed = join(folder, "changed.csv");
  const same = join(folder, "same.csv");
  await writeSource(changed, { size, percentChanged, list });
  await writeSource(same, { size, percentChanged: 0, list });
  const changes = (size * percentChanged) / 100;
  const sandbox = () => startServer("../../infra/sandbox/main.ts", sandboxOptions(size));
  let runs: Runs | undefined;

  /** The three runs of the sync, one after the other, with an account of their own. */
  async function runAll(): Promise<Runs> {
    const { url, stop } = await sandbox();
    const store = await mkdtemp(join(folder, "store-"));
    const run = (file: string, count: number) =>
      runScript("run-account.ts", [url, file, store, String(count)]);
    try {
      return { first: await run(same, 0), nothing: await run(same, 0), changed: await run(changed, changes) };
    } finally {
      await stop();
    }
  }
  async function runPlain(): Promise<Figures> {
    const { url, stop } = await sandbox();
    try {
      return await runScript("plain-account.ts", [url, changed]);
    } finally {
      await stop();
    }
  }
  return {
    headline: `constant-contact: ${size.toLocaleString("en-US")} contacts, ${percentChanged} % changed, ${requestsPerSecond} requests a second`,
    contenders: {
      "the first run": async () => {
        runs = await runAll();
        return runs.first;
      },
      "nothing changed": async () => runs!.nothing,
      "newsletter-sync": async () => runs!.changed,
      "the floor": async () => floorOf(runs!.changed),
      "a plain client": runPlain,
    },
    columns: [seconds, requests, peakMb],
    ratios: [
      ["newsletter-sync", "the floor"],
      ["a plain client", "newsletter-sync"],
      ["a plain client", "nothing changed"],
    ],
    stop: async () => {},
  };
};

type Runs = Readonly<Record<"first" | "nothing" | "changed", Figures>>;

function floorOf({ requests = 0 }: Figures): Figures {
  return { ms: (requests * 1_000) / requestsPerSecond, requests };
}

function sandboxOptions(size: number): string[] {
  const flags = { port: "0", contacts: String(size), "per-second": "1000000", "refresh-tokens": "the same" };
  return [
    "--provider",
    "constant-contact",
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
  ];
}
