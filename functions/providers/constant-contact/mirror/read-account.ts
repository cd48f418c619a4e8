import type { ReadNumbers } from "../../../domain/provider-errors.ts";
import type { Clock } from "../../../platform/clock.ts";
import { digestOf } from "../../../platform/storage/memory/entry.ts";
import type { ConstantContactClient, ContactQuery } from "../client.ts";
import type { Contact } from "../contact.ts";
import { DigestTable } from "./digest-table.ts";
import { lagMs } from "./merge-contact.ts";
import type { MirrorEntry } from "./mirror-state.ts";
import { type MirrorPlace, RowsWriter } from "./stored-rows.ts";

export interface AccountAccess {
  readonly place: MirrorPlace;
  readonly client: Pick<ConstantContactClient, "contacts">;
  readonly clock: Clock;
}

/** What was read, as it is stored; the mirror does not know of it yet. */
export interface Reading {
  readonly entry: MirrorEntry & { readonly kind: "reading" };
  /** The provider's time when it began; or ours, if the provider tells none or a later one, which would hide changes. */
  readonly watermark: number;
  readonly numbers: ReadNumbers;
  /** Whether the provider counted the contacts. */
  readonly isCounted: boolean;
}

/** Reads what changed since `watermark` by either clock of a contact, and what the index may have lacked by then. */
export async function readChanges(
  access: AccountAccess,
  watermark: number,
  signal: AbortSignal,
): Promise<Reading> {
  const taking = new Taking(access, watermark);
  await taking.takeChanges(watermark, signal);
  return taking.finish();
}

/**
 * Reads all contacts, and then what changed meanwhile: rows that moved to a page that had been read are among them. It is
 * whole if it shows as many contacts as were counted before and after.
 */
export async function readAll(
  access: AccountAccess,
  previousAt: number | undefined,
  signal: AbortSignal,
): Promise<Reading> {
  const taking = new Taking(access, previousAt);
  const countedBefore = await taking.take({ isCounted: true }, signal);
  const { repeated } = taking;
  const countedAfter = await countContacts(access.client, signal);
  await taking.takeChanges(taking.watermark, signal);
  return taking.finish({ countedBefore, repeated, countedAfter });
}

async function countContacts(
  client: AccountAccess["client"],
  signal: AbortSignal,
): Promise<number | undefined> {
  for await (const { count } of client.contacts({ isCounted: true }, signal)) return count;
  return undefined;
}

/** One reading while it is made. */
class Taking {
  readonly #access: AccountAccess;
  readonly #previousAt: number | undefined;
  readonly #beganAt: number;
  readonly #writer: RowsWriter<Contact>;
  readonly #seen = new DigestTable(0);
  #rows = 0;
  #repeated = 0;
  #watermark: number | undefined;

  constructor(access: AccountAccess, previousAt: number | undefined) {
    this.#access = access;
    this.#previousAt = previousAt;
    this.#beganAt = access.clock.now();
    this.#writer = new RowsWriter(access.place);
  }

  get repeated(): number {
    return this.#repeated;
  }

  get watermark(): number {
    return Math.min(this.#watermark ?? this.#beganAt, this.#beganAt);
  }

  /** @returns how many contacts the provider counted, if it did */
  async take(query: ContactQuery, signal: AbortSignal): Promise<number | undefined> {
    let counted: number | undefined;
    for await (const { contacts, count, answeredAt } of this.#access.client.contacts(query, signal)) {
      counted ??= count;
      this.#watermark ??= answeredAt;
      for (const contact of contacts) {
        if (this.#seen.add(digestOf(contact.id))) this.#rows++;
        else this.#repeated++;
        await this.#writer.add(contact);
      }
    }
    return counted;
  }

  async takeChanges(watermark: number, signal: AbortSignal): Promise<void> {
    await this.take({ updatedAfter: watermark - lagMs }, signal);
    await this.take({ optedOutAfter: watermark - lagMs }, signal);
  }

  async finish(
    counts: Partial<Record<Exclude<keyof ReadNumbers, "rows">, number | undefined>> = {},
  ): Promise<Reading> {
    const { countedBefore, repeated = this.#repeated, countedAfter } = counts;
    const times = { beganAt: this.#beganAt, endedAt: this.#access.clock.now(), previousAt: this.#previousAt };
    const rows = await this.#writer.finish();
    return {
      entry: { kind: "reading", isWhole: false, ...times, rows },
      watermark: this.watermark,
      numbers: {
        countedBefore: countedBefore ?? 0,
        rows: this.#rows,
        repeated,
        countedAfter: countedAfter ?? 0,
      },
      isCounted: countedBefore !== undefined && countedAfter !== undefined,
    };
  }
}
