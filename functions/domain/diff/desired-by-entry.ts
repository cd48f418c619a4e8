import type { Comparable } from "../differing-fields.ts";
import { packDesired } from "../records/pack-subscriber.ts";
import {
  causeAt,
  flags,
  type RecordSlice,
  recordEnd,
  type StatusCode,
  spellingText,
  statusCodes,
  textsOf,
} from "../records/packed-record.ts";
import { RecordWriter } from "../records/record-writer.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { unpackCause } from "../records/unpack-subscriber.ts";
import { sentCauseSchema } from "../subscriber.ts";
import { heldMemberCodes } from "./held-members.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** A row of the source. */
export interface DesiredRow extends RecordSlice {
  readonly status: StatusCode;
  /** In ms since the epoch; NaN if unknown. */
  readonly consentedAt: number;
  /** Where the row is stored in the index, if it is. */
  readonly position?: Position | undefined;
}

const allFields: Comparable = { guid: true, data: true };

/** The row of the source for each entry, like a map of them. A row is stored only where it differs from the entry. */
export class DesiredByEntry {
  readonly #index: SubscriberIndex;
  readonly #current = new TextCursor();
  readonly #desired = new TextCursor();
  readonly #writer = new RecordWriter(256);
  /** Whether the row that was compared last has a guid. */
  #hasGuid = false;

  constructor(index: SubscriberIndex) {
    this.#index = index;
  }

  set(entry: Position, row: DesiredRow): void {
    const { records } = this.#index;
    // The entry's record was the row that this one takes the place of.
    if (records.matchOf(entry) === matches.onlyDesired) records.setStatus(entry, statusCodes.absent);
    const status = records.statusOf(entry);
    const isSame = row.status === status;
    if (isSame && status === statusCodes.subscribed && this.#hasSameFields(entry, row, allFields)) {
      this.#setSame(entry, row);
    } else if (isSame && status === statusCodes.unsubscribed && this.#isAgreed(entry, row)) {
      records.markSameUnsubscribed(entry, causeAt(row.bytes, row.start));
    } else {
      const { position = this.#index.store(row) } = row;
      records.setTime(entry, this.#currentTimeOf(entry));
      records.markSeparate(entry, position);
    }
  }

  /** The row that was set last, complete even where it is not stored. */
  get(entry: Position): DesiredRow | undefined {
    const { records } = this.#index;
    switch (records.matchOf(entry)) {
      case matches.onlyCurrent:
      case matches.notAnEntry:
        return undefined;
      case matches.onlyDesired:
        return this.#rowAt(entry);
      case matches.separate:
        return this.#rowAt(records.desiredRecordOf(entry));
      case matches.sameSubscribed:
      case matches.sameUnsubscribed:
        return this.#rebuild(entry);
    }
  }

  /**
   * Makes rows the same as their entries that differ only in fields that the provider never shows. To be called after
   * the last page: until then every field may still be shown.
   */
  ignoreHiddenFields(): void {
    const { records, comparable, columns } = this.#index;
    const isGuidHidden = columns.includes("guid") && !comparable.guid;
    const isDataHidden = columns.some((column) => column !== "guid") && !comparable.data;
    if (!isGuidHidden && !isDataHidden) return;
    this.#index.forEachEntry((entry) => {
      if (records.matchOf(entry) !== matches.separate) return;
      if (records.statusOf(entry) !== statusCodes.subscribed) return;
      const row = this.#rowAt(records.desiredRecordOf(entry));
      const isSubscribed = row.status === statusCodes.subscribed;
      if (isSubscribed && this.#hasSameFields(entry, row, comparable)) this.#setSame(entry, row);
    });
  }

  /** Whether nothing can be left to do of an address that is unsubscribed on both sides. */
  #isAgreed(entry: Position, { consentedAt }: DesiredRow): boolean {
    return Number.isNaN(consentedAt) && !heldMemberCodes.has(this.#index.records.causeOf(entry));
  }

  #rowAt(position: Position): DesiredRow {
    const { records, columns } = this.#index;
    const bytes = records.bytesOf(position);
    const start = records.offsetOf(position);
    const end = recordEnd(bytes, start, textsOf(columns));
    const status = records.statusOf(position);
    return { bytes, start, end, status, consentedAt: records.timeOf(position), position };
  }

  #rebuild(entry: Position): DesiredRow {
    const { records, columns } = this.#index;
    const { email, fields } = this.#index.unpackCurrent(entry);
    const subscribed = records.matchOf(entry) === matches.sameSubscribed;
    const consentedAt = subscribed ? records.timeOf(entry) : Number.NaN;
    const cause = sentCauseSchema.safeParse(
      subscribed ? undefined : unpackCause(records.desiredCauseOf(entry)),
    );
    packDesired(this.#writer, columns, {
      email,
      subscribed,
      ...(cause.success && { cause: cause.data }),
      ...(!Number.isNaN(consentedAt) && { consentedAt }),
      fields: records.hasFlag(entry, flags.hasDesiredGuid) ? fields : { ...fields, guid: "" },
    });
    const { bytes } = this.#writer.finish();
    const status = subscribed ? statusCodes.subscribed : statusCodes.unsubscribed;
    return { bytes, start: 0, end: bytes.length, status, consentedAt };
  }

  #setSame(entry: Position, row: DesiredRow): void {
    const { records } = this.#index;
    records.markSameSubscribed(entry, this.#currentTimeOf(entry));
    records.setTime(entry, row.consentedAt);
    if (this.#hasGuid) records.setFlag(entry, flags.hasDesiredGuid);
    else records.clearFlag(entry, flags.hasDesiredGuid);
  }

  /** When the entry subscribed or was unsubscribed at the provider. */
  #currentTimeOf(entry: Position): number {
    const { records } = this.#index;
    const isConsent = records.matchOf(entry) === matches.sameSubscribed;
    return isConsent ? records.subscribedAtOf(entry) : records.timeOf(entry);
  }

  /** An empty guid of the source asks for nothing, as in `decide`. */
  #hasSameFields(entry: Position, row: DesiredRow, comparable: Comparable): boolean {
    this.#hasGuid = false;
    const current = this.#index.records.open(this.#current, entry).forward(spellingText);
    const desired = this.#desired.open(row.bytes, row.start).forward(spellingText);
    for (const column of this.#index.columns) {
      current.read();
      desired.read();
      if (column === "guid") this.#hasGuid = desired.length > 0;
      const isCompared = column === "guid" ? comparable.guid && this.#hasGuid : comparable.data;
      if (isCompared && !current.equals(desired)) return false;
    }
    return true;
  }
}
