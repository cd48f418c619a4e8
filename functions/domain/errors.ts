/**
 * Every failure of a job, named by who acts next. A constructor takes numbers, names and endpoint
 * templates and builds the message: no address, token, body or full URL can get into one.
 */
export abstract class NewsletterSyncError extends Error {
  /** Written out, as a bundle's classes have lost their names. */
  abstract override readonly name: string;
}

/** The operator fixes the configuration; `field` is its path, as in `lists.daily.source.query`. */
export class ConfigurationError extends NewsletterSyncError {
  override readonly name = "ConfigurationError";
  constructor(field: string, expected: string, options?: ErrorOptions) {
    super(`${field}: ${expected}`, options);
  }
}

/** The person who invoked the function sends another event; the message shows a good one. */
export class InvalidEventError extends NewsletterSyncError {
  override readonly name = "InvalidEventError";
  constructor(problem: string, goodEvent: object) {
    super(`${problem}. A good event: ${JSON.stringify(goodEvent)}`);
  }
}

/** The operator renews a credential: the secret of that name. */
export class CredentialError extends NewsletterSyncError {
  override readonly name = "CredentialError";
  constructor(secret: string, problem: string, options?: ErrorOptions) {
    super(`the secret "${secret}" does not work: ${problem}. Put a working value into it`, options);
  }
}

/** The operator mends what the source holds; `place` is a line or a column. */
export class SourceError extends NewsletterSyncError {
  override readonly name = "SourceError";
  constructor(place: string, problem: string, options?: ErrorOptions) {
    super(`source, ${place}: ${problem}`, options);
  }
}

/** The next run tries again: the provider did not answer well, however often it was asked. */
export class ProviderUnavailableError extends NewsletterSyncError {
  override readonly name = "ProviderUnavailableError";
  constructor(endpoint: string, attempts: number, problem: string, options?: ErrorOptions) {
    super(`${endpoint} failed ${attempts} times, the last time with ${problem}`, options);
  }
}

/** The provider answered something that its documentation does not allow for. */
export class ProviderContractError extends NewsletterSyncError {
  override readonly name = "ProviderContractError";
  constructor(endpoint: string, problem: string, options?: ErrorOptions) {
    super(`${endpoint}: ${problem}`, options);
  }
}

/** The provider refused a call, and repeating it would not help. */
export class ProviderRefusalError extends NewsletterSyncError {
  override readonly name = "ProviderRefusalError";
  readonly status: number;
  constructor(endpoint: string, status: number, hint: string) {
    super(`${endpoint} was refused with status ${status}: ${hint}`);
    this.status = status;
  }
}

/** One line of a batch that the provider refused; `reason` may hold an address and is only ever quarantined. */
export interface RefusedLine {
  /** 0-based position in the batch. */
  readonly position: number;
  readonly reason: string;
}

/** The rows are recorded and the run goes on: the provider refused a batch because of rows in it. */
export class BatchRefusedError extends NewsletterSyncError {
  override readonly name = "BatchRefusedError";
  // Private, so that no logger that walks an error's properties can print the provider's words.
  readonly #refusal: { readonly lines: readonly RefusedLine[]; readonly reason: string };
  constructor(endpoint: string, status: number, refusal: { lines: readonly RefusedLine[]; reason: string }) {
    super(`${endpoint} refused a batch with status ${status}, naming ${refusal.lines.length} lines`);
    this.#refusal = refusal;
  }
  /** The lines it named; empty when it named none. */
  get lines(): readonly RefusedLine[] {
    return this.#refusal.lines;
  }
  /** The provider's own words, for the quarantine only. */
  get reason(): string {
    return this.#refusal.reason;
  }
}

/** The numbers of one read of the provider's list. */
export interface ReadNumbers {
  readonly countedBefore: number;
  readonly rows: number;
  readonly repeated: number;
  readonly countedAfter: number;
}

/** The next run tries again: the provider's list could not be proved to have been read whole. */
export class IncompleteReadError extends NewsletterSyncError {
  override readonly name = "IncompleteReadError";
  constructor(reads: readonly ReadNumbers[]) {
    const told = reads.map(
      (read, index) =>
        `read ${index + 1}: ${read.countedBefore} counted before, ${read.rows} different rows seen, ` +
        `${read.repeated} seen twice, ${read.countedAfter} counted after`,
    );
    super(`the provider's list could not be read whole, so nothing was planned (${told.join("; ")})`);
  }
}

/** A person looks at the plan: it would change more than the list's limits allow. Nothing was written. */
export class UnsafePlanError extends NewsletterSyncError {
  override readonly name = "UnsafePlanError";
  constructor(refusals: readonly string[], approval: { list: string; apply: string }) {
    super(
      `the plan was refused and nothing was written: ${refusals.join("; ")}. ` +
        `If that is right, approve this plan with the event ${JSON.stringify(approval)}`,
    );
  }
}

/** A person looks at the import's files: they would unsubscribe more than the list's limit allows. */
export class UnsafeImportError extends NewsletterSyncError {
  override readonly name = "UnsafeImportError";
  constructor(refusal: string, approval: { list: string; allowUnsubscribed: number }) {
    super(
      `the import was refused and the provider was told nothing: ${refusal}. ` +
        `If that is right, approve a file of so many such rows with the event ${JSON.stringify(approval)}`,
    );
  }
}

/** A person makes a new plan: the stored one can not be applied. */
export class UnusablePlanError extends NewsletterSyncError {
  override readonly name = "UnusablePlanError";
  constructor(planId: string, problem: string, options?: ErrorOptions) {
    super(`plan ${planId} can not be applied: ${problem}. Make a new plan, and approve that`, options);
  }
}

/** The next run tries again: another run of this list is at work. */
export class ListBusyError extends NewsletterSyncError {
  override readonly name = "ListBusyError";
  constructor(list: string, holder: { runId: string; expiresAt: string }) {
    super(
      `the list "${list}" is being worked on by run ${holder.runId}; its lock expires at ${holder.expiresAt}`,
    );
  }
}

/** The next run completes it: the function's time was nearly over, so it stopped. */
export class OutOfTimeError extends NewsletterSyncError {
  override readonly name = "OutOfTimeError";
  constructor(state: string, options?: ErrorOptions) {
    super(`the function's time was nearly over, so it stopped: ${state}. The next run completes it`, options);
  }
}

/** The next run tries again: whenever a file was looked at, another run had changed it before it was written. */
export class FileBusyError extends NewsletterSyncError {
  override readonly name = "FileBusyError";
  constructor(attempts: number) {
    super(`other runs wrote the file at the same time, ${attempts} times over`);
  }
}

/** A file of the archive that was not stored; `reason` names columns and numbers, never a value. */
export interface ArchiveFailure {
  readonly event: string;
  readonly date: string;
  readonly reason: string;
}

const listedFailures = 100;

/** A person looks at the reasons; the next run tries again. What could be stored is. */
export class ArchiveIncompleteError extends NewsletterSyncError {
  override readonly name = "ArchiveIncompleteError";
  constructor(
    failures: readonly ArchiveFailure[],
    { files, left, next }: { files: number; left: number; next: object | undefined },
  ) {
    const told = failures
      .slice(0, listedFailures)
      .map(({ event, date, reason }) => `${event} of ${date} ${reason}`);
    const rest = failures.length - told.length;
    if (rest > 0) told.push(`and ${rest} more, which the report lists`);
    const goOn = next === undefined ? "" : `; go on with the event ${JSON.stringify(next)}`;
    const ahead = left === 0 ? "" : `. ${left} are left${goOn}`;
    super(`${failures.length} of ${files} files were not archived: ${told.join("; ")}${ahead}`);
  }
}
