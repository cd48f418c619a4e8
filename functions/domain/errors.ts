import { describeStatus } from "./http-status.ts";

/** Who acts next after a failure. */
export type Actor =
  /** Fixes the configuration, a credential or the source, or looks into what went wrong. */
  | "operator"
  /** Sends another event. */
  | "invoker"
  /** Looks at what was refused, and approves it or has the source fixed. */
  | "approver"
  /** Is asked why it does not do what its documentation says. */
  | "provider"
  /** Tries again, or completes what is left: nobody has to do anything. */
  | "next run"
  /** Records it and goes on: such an error never ends a run. */
  | "this run";

/**
 * Every failure that a job foresees. A constructor takes numbers, names and endpoint templates and builds the
 * message: no address, token, body or full URL can get into one.
 */
export abstract class NewsletterSyncError extends Error {
  /** Spelled out, as bundling renames the classes. */
  abstract override readonly name: string;
  abstract readonly actor: Actor;
}

/** The configuration is wrong; `field` is a path in it, as in `lists.daily.source.query`. */
export class ConfigurationError extends NewsletterSyncError {
  override readonly name = "ConfigurationError";
  override readonly actor = "operator";
  constructor(field: string, expected: string, options?: ErrorOptions) {
    super(`${field}: ${expected}`, options);
  }
}

/** The event is not one that the function takes; the message shows a good one. */
export class InvalidEventError extends NewsletterSyncError {
  override readonly name = "InvalidEventError";
  override readonly actor = "invoker";
  constructor(problem: string, goodEvent: object) {
    super(`${problem}. A good event: ${JSON.stringify(goodEvent)}`);
  }
}

interface CredentialOptions extends ErrorOptions {
  /** Whether the secret has no value, as before an operator has put one. @default false */
  readonly isMissing?: boolean;
}

/** The secret of that name is missing, malformed or refused. */
export class CredentialError extends NewsletterSyncError {
  override readonly name = "CredentialError";
  override readonly actor = "operator";
  readonly isMissing: boolean;
  constructor(secret: string, problem: string, options: CredentialOptions = {}) {
    super(`the secret "${secret}" does not work: ${problem}. Put a working value into it`, options);
    this.isMissing = options.isMissing ?? false;
  }
}

/** The source cannot be read, or holds what cannot be understood; `place` is a file, a server, a line or a column. */
export class SourceError extends NewsletterSyncError {
  override readonly name = "SourceError";
  override readonly actor = "operator";
  constructor(place: string, problem: string, options?: ErrorOptions) {
    super(`source, ${place}: ${problem}`, options);
  }
}

/** The database does not take the returns; `place` is a server, a statement or a table. Then it has taken none. */
export class SinkError extends NewsletterSyncError {
  override readonly name = "SinkError";
  override readonly actor = "operator";
  constructor(place: string, problem: string, options?: ErrorOptions) {
    super(`returns, ${place}: ${problem}`, options);
  }
}

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

/** Another run has the lock of this list. */
export class ListBusyError extends NewsletterSyncError {
  override readonly name = "ListBusyError";
  override readonly actor = "next run";
  constructor(list: string, holder: { runId: string; expiresAt: string }) {
    super(
      `the list "${list}" is being worked on by run ${holder.runId}; its lock expires at ${holder.expiresAt}`,
    );
  }
}

/** The run stopped in order, shortly before the end of the function's time. */
export class OutOfTimeError extends NewsletterSyncError {
  override readonly name = "OutOfTimeError";
  override readonly actor = "next run";
  constructor(state: string, options?: ErrorOptions) {
    super(`the function's time was nearly over, so it stopped: ${state}. The next run completes it`, options);
  }
}
