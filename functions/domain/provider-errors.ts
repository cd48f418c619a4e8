import { NewsletterSyncError } from "./errors.ts";
import { describeStatus } from "./http-status.ts";

interface UnavailableOptions extends ErrorOptions {
  /** Whether the rows that were sent may be why: then fewer of them may succeed. @default false */
  readonly mayBeRows?: boolean;
}

/** The provider failed to answer, however often it was asked. */
export class ProviderUnavailableError extends NewsletterSyncError {
  override readonly name = "ProviderUnavailableError";
  override readonly actor = "next run";
  readonly mayBeRows: boolean;
  constructor(endpoint: string, attempts: number, problem: string, options: UnavailableOptions = {}) {
    const times = attempts === 1 ? "once" : `${attempts} times, the last time`;
    super(`${endpoint} failed ${times} with ${problem}`, options);
    this.mayBeRows = options.mayBeRows ?? false;
  }
}

/** The provider answers no more requests today, whoever sends them. */
export class QuotaExceededError extends NewsletterSyncError {
  override readonly name = "QuotaExceededError";
  override readonly actor = "next run";
  constructor(endpoint: string, resetsAt: Date) {
    super(
      `${endpoint} was refused: the day's quota of requests is used up. It is reset at ${resetsAt.toISOString()}`,
    );
  }
}

/** The provider answered what its documentation does not allow for. */
export class ProviderContractError extends NewsletterSyncError {
  override readonly name = "ProviderContractError";
  override readonly actor = "provider";
  constructor(endpoint: string, problem: string, options?: ErrorOptions) {
    super(`${endpoint}: ${problem}`, options);
  }
}

/** The provider's answer has more bytes than are read of it, which memory bounds. */
export class AnswerTooLargeError extends NewsletterSyncError {
  override readonly name = "AnswerTooLargeError";
  override readonly actor = "provider";
  constructor(endpoint: string, maxBytes: number) {
    super(`${endpoint}: its answer has more than ${maxBytes} bytes, and no more than that is read`);
  }
}

/** The provider refused a call for a reason that repeating it does not change, such as an unknown list. */
export class ProviderRefusalError extends NewsletterSyncError {
  override readonly name = "ProviderRefusalError";
  override readonly actor = "operator";
  readonly status: number;
  constructor(endpoint: string, status: number, hint: string) {
    super(`${endpoint} was refused with ${describeStatus(status)}: ${hint}`);
    this.status = status;
  }
}

/** A row of a batch that the provider refused; `reason` may contain an address and goes to the quarantine only. */
export interface RefusedLine {
  /** In the batch, counted from 0. */
  readonly position: number;
  readonly reason: string;
}

/** The provider refused a batch because of rows in it. */
export class BatchRefusedError extends NewsletterSyncError {
  override readonly name = "BatchRefusedError";
  override readonly actor = "this run";
  // Private, so that no logger that lists an error's properties can print the provider's words.
  readonly #refusal: { readonly lines: readonly RefusedLine[]; readonly reason: string };
  constructor(endpoint: string, status: number, refusal: { lines: readonly RefusedLine[]; reason: string }) {
    const named = `naming ${refusal.lines.length} lines`;
    super(`${endpoint} refused a batch with ${describeStatus(status)}, ${named}`);
    this.#refusal = refusal;
  }
  /** The rows that the provider named; empty if it named none. */
  get lines(): readonly RefusedLine[] {
    return this.#refusal.lines;
  }
  /** In the provider's own words, for the quarantine only. */
  get reason(): string {
    return this.#refusal.reason;
  }
}

/** The numbers of one attempt to read the provider's list. */
export interface ReadNumbers {
  readonly countedBefore: number;
  readonly rows: number;
  readonly repeated: number;
  readonly countedAfter: number;
}

/** No attempt proved that the provider's list was read whole. */
export class IncompleteReadError extends NewsletterSyncError {
  override readonly name = "IncompleteReadError";
  override readonly actor = "next run";
  constructor(reads: readonly ReadNumbers[]) {
    const attempts = reads.map(
      (read, index) =>
        `read ${index + 1}: ${read.countedBefore} counted before, ${read.rows} different rows seen, ` +
        `${read.repeated} seen twice, ${read.countedAfter} counted after`,
    );
    super(`the provider's list could not be read whole, so nothing was planned (${attempts.join("; ")})`);
  }
}
