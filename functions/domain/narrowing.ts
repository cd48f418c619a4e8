import { ProviderContractError, type ProviderUnavailableError } from "./provider-errors.ts";

/** What the requests that narrow batches down may cost in a run: 1 each, and 5 if the provider fails. */
const budgetOfRun = 1000;
const costOfFailure = 5;

/**
 * After more failures in a row the provider is down: those of four whole batches, and of both halves of six sizes. Many bad
 * rows side by side look like that, too: so more are needed once others were accepted since the batch began.
 */
const mostFailures = { before: 16, afterAccepted: 64 };

/** If so many rows are refused alone, and nothing was accepted in the run, the fault is not theirs. */
const mostRefusals = 50;

/** A batch that was halved, and how many of its halves were accepted. */
export interface Halved {
  readonly size: number;
  accepted: number;
}

/** What a run learns about the provider while it sends, for all of its batches. */
export class Narrowing {
  #budget: number;
  #failures = 0;
  #isDown = false;
  #refusals = 0;
  #accepted = 0;
  #mostChanges = Number.POSITIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(budget = budgetOfRun) {
    this.#budget = budget;
  }

  /** How many requests were accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** The most changes that a batch may have: infinite until a batch failed whose halves were both accepted. */
  get mostChanges(): number {
    return this.#mostChanges;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** Narrows one batch at a time: the next ones profit from what it shows, and a provider in trouble is spared. */
  inTurn<T>(narrow: () => Promise<T>): Promise<T> {
    const narrowed = this.#turn.then(narrow);
    this.#turn = narrowed.catch(() => undefined);
    return narrowed;
  }

  /** @throws ProviderContractError when nothing is left of the budget */
  spendOn(cause: unknown): void {
    if (this.#budget-- > 0) return;
    const problem = "it refused so many parts of batches that the search for the rows at fault was given up";
    throw cause ?? new ProviderContractError("writing a batch", problem);
  }

  onAccepted(half: Halved | undefined): void {
    this.#accepted++;
    this.onRefusal();
    if (half === undefined || ++half.accepted < 2) return;
    this.#mostChanges = Math.min(this.#mostChanges, Math.ceil(half.size / 2));
  }

  /** @param acceptedBefore how many requests were accepted when the batch began @throws the error when the provider is down */
  onFailure(error: ProviderUnavailableError, acceptedBefore: number): void {
    this.#budget -= costOfFailure - 1;
    const most = this.#accepted > acceptedBefore ? mostFailures.afterAccepted : mostFailures.before;
    this.#isDown ||= ++this.#failures > most;
    if (this.#isDown) throw error;
  }

  /** A provider that refuses is not down. */
  onRefusal(): void {
    this.#failures = 0;
    this.#isDown = false;
  }

  /** Called for a change that is refused without being named. @throws ProviderContractError when all are */
  onRefusedAlone(): void {
    if (++this.#refusals <= mostRefusals || this.#accepted > 0) return;
    const problem = `it refused ${this.#refusals} rows one by one, and accepted none: the fault is unlikely to be theirs`;
    throw new ProviderContractError("writing a batch", problem);
  }

  /** What a person should know of it. */
  *notes(): Generator<string> {
    if (!Number.isFinite(this.#mostChanges)) return;
    const sent = `no more than ${this.#mostChanges} changes were sent at once`;
    yield `the provider failed at larger batches, so ${sent}: set "batchSize" to ${this.#mostChanges}`;
  }
}
