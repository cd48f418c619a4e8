import { canonicalEmail } from "../../../domain/email.ts";
import { NewsletterSyncError } from "../../../domain/errors.ts";
import { type Change, type Group, groupOf } from "../../../domain/plan.ts";
import type { QuarantinedRow } from "../../../domain/quarantined-row.ts";
import type { Return } from "../../../domain/return.ts";
import { nameOf } from "../../../domain/unforeseen-error.ts";
import type { ObjectStore } from "../object-store.ts";
import { DayHistory } from "./day-history.ts";
import { type Deed, encodeBlock, encodeRecord, type HistoryHeader, type Stage } from "./history-block.ts";
import { keyNameOf, type ReaderHash } from "./reader-hash.ts";
import { RecordBuffer } from "./record-buffer.ts";

/** With which a note begins, and by which the gap is found later. */
export const historyNote = "what this run did to each reader is not in the history:";

/** So many are written at once: a first load of millions must not have to hold them. */
const mostHeldRecords = 1 << 16;
/** Rows that may come before the key does. */
const mostEarlyRows = 20_000;

interface RunHistoryOptions {
  readonly store: ObjectStore;
  readonly list: string;
  readonly run: { readonly id: string; readonly startedAt: Date };
  readonly about: Omit<HistoryHeader, "run" | "key" | "at" | "isOver" | "delivers" | "hasTold" | "reasons">;
  /** Reads the key with which addresses are hashed. */
  readHash(): Promise<ReaderHash>;
  /** Called with a sentence for the report when the history could not be written. */
  note(text: string): void;
}

interface Row {
  readonly deed: Deed;
  readonly stage: Stage;
  readonly reason?: string;
  /** ISO 8601. */
  readonly at?: string | undefined;
}

/**
 * Writes down whom a run touched, for whoever is asked about one reader later: by a hash of the address that has a key, a
 * day's runs in one object. Readers who are merely kept are left out. To be used while holding the list's lock. No call
 * ever rejects: what cannot be written is missing from the history, with a note, and the run goes on.
 */
export class RunHistory {
  readonly #options: RunHistoryOptions;
  readonly #day: DayHistory;
  readonly #records = new RecordBuffer();
  readonly #reasons = new Map<string, number>();
  #early: [email: string, row: Row][] = [];
  #hash: ReaderHash | undefined;
  #opening: Promise<void> | undefined;
  #problem: string | undefined;
  #delivers: readonly Group[] = [];
  #hasTold = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: RunHistoryOptions) {
    this.#options = options;
    this.#day = new DayHistory(options);
  }

  /** Begins to read the key. Rows may be added before it is there. */
  begin(): void {
    this.#opening ??= this.#open();
  }

  addPlanned(row: Change | Return): void {
    this.#add(row.email, { ...factsOf(row), stage: "planned" });
  }

  addApplied(changes: readonly Change[]): void {
    for (const change of changes) this.#add(change.email, { ...factsOf(change), stage: "done" });
  }

  /** What the database is told; `confirmTold` must follow when it has taken it. */
  addTold(returns: readonly Return[]): void {
    for (const told of returns) this.#add(told.email, { ...factsOf(told), stage: "done" });
  }

  confirmTold(): void {
    this.#hasTold = true;
  }

  /** A row that goes into the quarantine. Its reason may quote the reader, and stands there alone. */
  addSetAside({ email, change }: QuarantinedRow): void {
    if (email === "") return;
    if (change === undefined) this.#add(email, { deed: "setAside", stage: "done" });
    else this.#add(email, { ...factsOf(change), stage: "refused" });
  }

  /** Forgets what has been added since the last write. */
  restart(): void {
    this.#early = [];
    this.#records.clear();
  }

  /** The groups of the plan that the run begins to deliver. */
  delivers(groups: Iterable<Group>): void {
    this.#delivers = [...groups];
  }

  /** Begins to write the plan, so that it is known of a run that is killed, too. */
  writePlan(): void {
    if (this.#records.length + this.#early.length > 0) this.#write({ isOver: false });
  }

  /** Writes what has been added since, and that the run is over. */
  async end(): Promise<void> {
    this.begin();
    this.#write({ isOver: true });
    await this.#writing;
    if (this.#problem !== undefined) {
      this.#options.note(`${historyNote} ${this.#problem}`);
    }
  }

  async #open(): Promise<void> {
    try {
      this.#hash = await this.#options.readHash();
    } catch (error) {
      this.#fail(error);
    }
    const early = this.#early;
    this.#early = [];
    for (const [email, row] of early) this.#add(email, row);
  }

  #add(email: string, row: Row): void {
    if (this.#problem !== undefined) return;
    if (this.#hash === undefined) {
      if (this.#early.length < mostEarlyRows) this.#early.push([email, row]);
      else this.#problem = "the key did not come in time";
      return;
    }
    const { deed, stage, reason = "", at } = row;
    const code = { reason: this.#numberOf(reason), at: at === undefined ? undefined : Date.parse(at) };
    this.#records.add(this.#hash(canonicalEmail(email)), encodeRecord(deed, stage, code));
    if (this.#records.length === mostHeldRecords) this.#write({ isOver: false });
  }

  #numberOf(reason: string): number {
    const known = this.#reasons.get(reason);
    if (known !== undefined) return known;
    this.#reasons.set(reason, this.#reasons.size);
    return this.#reasons.size - 1;
  }

  #write({ isOver }: { readonly isOver: boolean }): void {
    const block = this.#hash && this.#takeBlock(isOver);
    this.#writing = this.#writing
      .then(() => this.#opening)
      .then(() =>
        this.#problem === undefined ? this.#day.append(block ?? this.#takeBlock(isOver)) : undefined,
      )
      .catch((error: unknown) => this.#fail(error));
  }

  #takeBlock(isOver: boolean): Uint8Array {
    const { run, about } = this.#options;
    const header = {
      run: run.id,
      ...(this.#hash && { key: keyNameOf(this.#hash) }),
      at: run.startedAt.toISOString(),
      ...about,
      isOver,
      delivers: [...this.#delivers],
      hasTold: this.#hasTold,
      reasons: [...this.#reasons.keys()],
    };
    return encodeBlock(header, this.#records.take());
  }

  #fail(error: unknown): void {
    this.#problem ??= error instanceof NewsletterSyncError ? error.message : nameOf(error);
    this.restart();
  }
}

function factsOf(row: Change | Return): Pick<Row, "deed" | "reason" | "at"> {
  const { reason } = row;
  if (row.kind === "return") return { deed: row.tells, reason, at: row.changedAt };
  return { deed: groupOf(row), reason, at: row.saw?.unsubscribedAt };
}
