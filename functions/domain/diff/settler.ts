import type { Comparable } from "../decide.ts";
import { packDesired } from "../records/pack-subscriber.ts";
import { flags, layout, recordEnd, statusCodes } from "../records/packed-record.ts";
import { matches } from "../records/record-arena.ts";
import { RecordWriter } from "../records/record-writer.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { unpackCurrent } from "../records/unpack-subscriber.ts";
import { sentCauseSchema, unsubscribeCauses } from "../subscriber.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** A row of the source: the record in `bytes` from `start` to `end`; `time` is NaN when it carries none. */
export interface DesiredRow {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly subscribed: boolean;
  readonly time: number;
  /** Where the record stands in the index, if it does already. */
  readonly position?: number | undefined;
}

const everything: Comparable = { guid: true, data: true };

/** Notes in an entry what the source says of its address: see `matches`. */
export class Settler {
  readonly #index: SubscriberIndex;
  readonly #mine = new TextCursor();
  readonly #theirs = new TextCursor();
  readonly #writer = new RecordWriter(256);
  /** Whether the row that was compared last names a guid. */
  #namesGuid = false;

  constructor(index: SubscriberIndex) {
    this.#index = index;
  }

  /** An entry that the provider shows alike needs nothing kept of the row; else the entry is linked to it. */
  settle(entry: number, row: DesiredRow): void {
    const { records } = this.#index;
    const status = records.statusOf(entry);
    if (row.subscribed && status === statusCodes.subscribed && this.#showsSame(entry, row, everything)) {
      this.#markSame(entry, row);
    } else if (!row.subscribed && status === statusCodes.unsubscribed && Number.isNaN(row.time)) {
      records.mark(entry, matches.bothUnsubscribed);
      records.setLink(entry, row.bytes[row.start + layout.cause]!);
    } else {
      records.mark(entry, matches.linked);
      const { position = this.#index.keep(row.bytes, row.start, row.end) } = row;
      records.setLink(entry, position);
    }
  }

  /**
   * Once every page is in: what no page showed can not differ. Until then any field may yet be shown, and is held
   * against what the provider has.
   */
  settleWhatIsHidden(): void {
    const { records, comparable, columns } = this.#index;
    const hidesGuid = columns.includes("guid") && !comparable.guid;
    const hidesData = columns.some((column) => column !== "guid") && !comparable.data;
    if (!hidesGuid && !hidesData) return;
    this.#index.forEachEntry((entry) => {
      if (records.matchOf(entry) !== matches.linked) return;
      if (records.statusOf(entry) !== statusCodes.subscribed) return;
      const row = this.#rowAt(records.linkOf(entry));
      if (row.subscribed && this.#showsSame(entry, row, comparable)) this.#markSame(entry, row);
    });
  }

  /** The row that counts for an entry, in full: put together again where only the entry itself says it. */
  rowOf(entry: number): DesiredRow | undefined {
    const { records } = this.#index;
    switch (records.matchOf(entry)) {
      case matches.none:
        return undefined;
      case matches.own:
        return this.#rowAt(entry);
      case matches.linked:
        return this.#rowAt(records.linkOf(entry));
      default:
        return this.#restore(entry);
    }
  }

  #rowAt(position: number): DesiredRow {
    const { records, columns } = this.#index;
    const bytes = records.bytesOf(position);
    const start = records.offsetOf(position);
    const end = recordEnd(bytes, start, 2 + columns.length);
    const subscribed = records.statusOf(position) === statusCodes.subscribed;
    return { bytes, start, end, subscribed, time: records.timeOf(position), position };
  }

  #restore(entry: number): DesiredRow {
    const { records, columns } = this.#index;
    const { email, fields } = unpackCurrent(records.bytesOf(entry), records.offsetOf(entry), columns);
    const subscribed = records.matchOf(entry) === matches.same;
    const time = subscribed ? records.timeOf(entry) : Number.NaN;
    const cause = sentCauseSchema.safeParse(unsubscribeCauses[records.linkOf(entry) - 1]);
    packDesired(this.#writer, columns, {
      email,
      subscribed,
      ...(!subscribed && cause.success && { cause: cause.data }),
      ...(!Number.isNaN(time) && { consentedAt: time }),
      fields: records.hasFlag(entry, flags.guidNamed) ? fields : { ...fields, guid: "" },
    });
    const { bytes } = this.#writer.finish();
    return { bytes, start: 0, end: bytes.length, subscribed, time };
  }

  #markSame(entry: number, row: DesiredRow): void {
    const { records } = this.#index;
    records.mark(entry, matches.same);
    records.setTime(entry, row.time);
    if (this.#namesGuid) records.raise(entry, flags.guidNamed);
    else records.lower(entry, flags.guidNamed);
  }

  #showsSame(entry: number, row: DesiredRow, shown: Comparable): boolean {
    this.#namesGuid = false;
    const current = this.#index.records.open(this.#mine, entry).skip(2);
    const desired = this.#theirs.open(row.bytes, row.start).skip(2);
    for (const column of this.#index.columns) {
      current.read();
      desired.read();
      if (column === "guid") this.#namesGuid = desired.length > 0;
      const follows = column === "guid" ? shown.guid && this.#namesGuid : shown.data;
      if (follows && !current.equals(desired)) return false;
    }
    return true;
  }
}
