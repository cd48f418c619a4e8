import type { Run } from "../platform/run.ts";
import type { Importer } from "../providers/importer.ts";
import type { ListCounts } from "../providers/provider.ts";
import type { ImportReport } from "./report.ts";

const longestPollMs = 10_000;
/** The counts are read at least this often within the limit. */
const leastPolls = 30;
/** After this many equal polls, the counts have settled. */
const equalPollsNeeded = 3;

interface CountWatchOptions {
  readonly importer: Pick<Importer, "countSubscribers">;
  /** For how long the counts are watched in all. */
  readonly limitMs: number;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** Watches the provider's counts, as it has no call that tells how an import ended. */
export class CountWatch {
  readonly #options: CountWatchOptions;
  readonly #run: Run<ImportReport>;
  #waitedMs = 0;

  constructor(options: CountWatchOptions, run: Run<ImportReport>) {
    this.#options = options;
    this.#run = run;
    run.report.settled = false;
  }

  get isOver(): boolean {
    return this.#waitedMs >= this.#options.limitMs;
  }

  /** Ends when the counts have moved and then stood still, or when the limit has passed. */
  async untilSettled(): Promise<void> {
    const { report } = this.#run;
    const before = report.after ?? report.before;
    let last = before;
    for (let equalPolls = 0; equalPolls < equalPollsNeeded; ) {
      if (this.isOver) return;
      const counts = await this.#countLater();
      equalPolls = isSame(counts, last) && !isSame(counts, before) ? equalPolls + 1 : 0;
      last = counts;
    }
    report.settled = true;
  }

  async #countLater(): Promise<ListCounts> {
    const { importer, limitMs, sleep } = this.#options;
    const { report, progress, signal } = this.#run;
    const pollMs = Math.min(longestPollMs, Math.ceil(limitMs / leastPolls), limitMs - this.#waitedMs);
    await sleep(pollMs, signal);
    this.#waitedMs += pollMs;
    const { subscribed, unsubscribed } = await importer.countSubscribers(signal);
    progress("seconds of watching the provider's counts", this.#waitedMs / 1000, limitMs / 1000);
    report.after = { subscribed, unsubscribed };
    return report.after;
  }
}

function isSame(counts: ListCounts, others: ListCounts | undefined): boolean {
  return counts.subscribed === others?.subscribed && counts.unsubscribed === others.unsubscribed;
}
