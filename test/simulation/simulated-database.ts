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
  readonly email: string;
  readonly subscribed: boolean;
  readonly cause?: "READER" | "PUBLISHER";
  /** In ms since the epoch. */
  readonly consentedAt?: number;
  readonly guid?: string;
  readonly firstName?: string;
}

const columns = ["email", "subscribed", "unsubscribed_cause", "consented_at", "guid", "data_firstname"];
const rowsPerBatch = 2;

/** The publisher's database: a reading sees one snapshot, while edits go on. */
export class SimulatedDatabase {
  rows: readonly DatabaseRow[] = [];
  failureRate = 0;
  /** The rows that each invocation read last. */
  readonly readBy = new Map<string, readonly DatabaseRow[]>();
  readonly #chance: Chance;
  readonly #time: SimulatedTime;

  constructor(chance: Chance, time: SimulatedTime) {
    this.#chance = chance;
    this.#time = time;
  }

  async open(invocation: Invocation): Promise<SourceReading> {
    await invocation.step();
    await this.#time.wait(this.#chance.between(10, 300));
    await invocation.step();
    const { rows } = this;
    this.readBy.set(invocation.id, rows);
    const source: OpenSource = {
      columns,
      readAt: this.#time.now(),
      batches: () => this.#batches(rows, invocation),
      close: async () => undefined,
    };
    const reader = createRowParser(columns, { timeZone: "Europe/Paris", readAt: source.readAt });
    return {
      columns: reader.fieldColumns,
      givesConsents: reader.givesConsents,
      readAt: source.readAt,
      blocks: () => packBatches(source, reader),
      close: source.close,
    };
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
  }
}

function textsOf({ email, subscribed, cause, consentedAt, guid, firstName }: DatabaseRow): (string | null)[] {
  const consent = consentedAt === undefined ? null : new Date(consentedAt).toISOString();
  return [email, String(subscribed), cause ?? null, consent, guid ?? null, firstName ?? null];
}
