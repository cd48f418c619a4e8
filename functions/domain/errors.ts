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

/** Lambda repeats a message in the stack that it logs and answers, of which Step Functions shows 32,768 characters. */
const maxMessageLength = 8000;

function shortened(message: string): string {
  const more = message.length - maxMessageLength;
  return more <= 0 ? message : `${message.slice(0, maxMessageLength)}… and ${more} characters more`;
}

/**
 * Every failure that a job foresees. A constructor takes numbers, names and endpoint templates and builds the
 * message: no address, token, body or full URL can get into one.
 */
export abstract class NewsletterSyncError extends Error {
  /** Spelled out, as bundling renames the classes. */
  abstract override readonly name: string;
  abstract readonly actor: Actor;
  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options);
  }
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
