import { SourceError } from "../../functions/domain/errors.ts";
import { packBatches } from "../../functions/sources/pack-batches.ts";
import { createRowParser } from "../../functions/sources/row-parser.ts";
import type { OpenSource } from "../../functions/sources/source.ts";
import type { SourceReading } from "../../functions/sources/source-reading.ts";
import { TextBatch } from "../support/text-batch.ts";
import type { Chance } from "./chance.ts";
import type { Invocation } from "./invocation.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** A row of the publisher's database. */
export interface DatabaseRow {
  /** Perhaps damaged. */
  readonly email: string;
  /** Undefined is NULL; "perhaps" is no answer. */
  readonly subscribed: boolean | "perhaps" | undefined;
  readonly cause?: string | undefined;
  /** In ms since the epoch, perhaps in the future, or a text that is no time. */
  readonly consentedAt?: number | "infinity";
  /** When the reader said no, in ms since the epoch, as far as the database knows. */
  readonly optedOutAt?: number | undefined;
  /** Since when the address is known not to work: then the query says that it is not subscribed. */
  readonly bouncedAt?: number | undefined;
  readonly guid?: string;
  readonly firstName?: string;
}

/** What a run reads. */
export interface Snapshot {
  readonly rows: readonly DatabaseRow[];
  readonly readAt: number;
  readonly givesConsents: boolean;
}

const columns = ["email", "subscribed", "unsubscribed_cause", "guid", "data_firstname", "consented_at"];
const rowsPerBatch = 2;
const clockSkewMs = 5 * 60_000;

/** The publisher's database, or the file that it exports now and then. A reading sees one snapshot. */
export class SimulatedDatabase {
  rows: readonly DatabaseRow[] = [];
  failureRate = 0;
  /** What each invocation read last. */
  readonly readBy = new Map<string, Snapshot>();
  /** The time of what each invocation read first, which it takes for the time of all. */
  readonly firstReadAt = new Map<string, number>();
  /** The invocations that read all of it. */
  readonly readWholeBy = new Set<string>();
  readonly #chance: Chance;
  readonly #time: SimulatedTime;
  readonly #givesConsents: boolean;
  #exported: Snapshot | undefined;

  constructor(chance: Chance, time: SimulatedTime) {
    this.#chance = chance;
    this.#time = time;
    this.#givesConsents = chance.happens(0.7);
  }

  /** From now on runs read the rows as they are now. */
  export(): void {
    this.#exported = this.#snapshot();
  }

  /** Runs read the last export from now on, or the rows as they are now. @param spare added if no row can be used */
  freeze(spare: DatabaseRow): void {
    const { rows, ...snapshot } = this.shown;
    this.#exported = { ...snapshot, rows: rows.some(isUsable) ? rows : [...rows, spare] };
  }

  /** What a run would read now. */
  get shown(): Snapshot {
    return this.#exported ?? this.#snapshot();
  }

  /** What a run would read now, or after the next export. */
  get current(): Snapshot {
    return this.#snapshot();
  }

  get isExported(): boolean {
    return this.#exported !== undefined;
  }

  async open(invocation: Invocation): Promise<SourceReading> {
    await invocation.step();
    await this.#time.wait(this.#chance.between(10, 300));
    await invocation.step();
    const snapshot = this.shown;
    this.readBy.set(invocation.id, snapshot);
    if (!this.firstReadAt.has(invocation.id)) this.firstReadAt.set(invocation.id, snapshot.readAt);
    this.readWholeBy.delete(invocation.id);
    const { givesConsents, readAt } = snapshot;
    const names = givesConsents ? columns : columns.slice(0, -1);
    const reader = createRowParser(names, { timeZone: "Europe/Paris", readAt });
    const source: OpenSource = {
      columns: names,
      readAt,
      batches: () => this.#batches(snapshot.rows, invocation),
      close: async () => undefined,
    };
    return {
      columns: reader.fieldColumns,
      givesConsents: reader.givesConsents,
      readAt,
      blocks: () => packBatches(source, reader),
      close: source.close,
    };
  }

  #snapshot(): Snapshot {
    const rows = this.rows.map((row) => (row.bouncedAt === undefined ? row : { ...row, subscribed: false }));
    return { rows, readAt: Math.floor(this.#time.now()), givesConsents: this.#givesConsents };
  }

  async *#batches(rows: readonly DatabaseRow[], invocation: Invocation) {
    if (rows.length === 0) throw new SourceError("the query", "gives no rows");
    for (let from = 0; from < rows.length; from += rowsPerBatch) {
      await this.#time.wait(this.#chance.between(0, 100));
      await invocation.step();
      if (this.#chance.happens(this.failureRate)) throw new SourceError("the query", "failed midway");
      const batch = rows.slice(from, from + rowsPerBatch).map(textsOf);
      yield new TextBatch(batch, from);
    }
    this.readWholeBy.add(invocation.id);
  }
}

/** When a row's reader consented; infinitely long ago if nobody can know. */
export function consentOf(
  { consentedAt }: DatabaseRow,
  { readAt, givesConsents }: Omit<Snapshot, "rows">,
): number {
  return givesConsents && isBelieved(consentedAt, readAt) ? consentedAt : Number.NEGATIVE_INFINITY;
}

/** A consent of the future, or one that is no time, is none. */
function isBelieved(consentedAt: DatabaseRow["consentedAt"], readAt: number): consentedAt is number {
  return typeof consentedAt === "number" && consentedAt <= readAt + clockSkewMs;
}

/** Whether a row has an address that may be anyone's, and an answer. */
export function isUsable({ email, subscribed }: DatabaseRow): boolean {
  return isWhole(email) && subscribed !== "perhaps";
}

export function isWhole(email: string): boolean {
  return /^\w+@example\.fr$/i.test(email);
}

function textsOf({ email, subscribed, cause, consentedAt, guid, firstName }: DatabaseRow): (string | null)[] {
  const consent = typeof consentedAt === "number" ? new Date(consentedAt).toISOString() : consentedAt;
  const answer = subscribed === undefined ? null : String(subscribed);
  return [email, answer, cause ?? null, guid ?? null, firstName ?? null, consent ?? null];
}
