import { isDeliverable } from "./email.ts";
import { HashSlots } from "./hash-slots.ts";
import { flags, statusCodes } from "./packed-record.ts";
import { matches } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";
import { TextCursor } from "./text-cursor.ts";

/**
 * Marks the records of the source that are to go without their guid because another address has it: the
 * provider silently ignores all but one of the rows of a request that share a guid. Who keeps it: an address
 * that the provider shows unchanged with it, else the first to have come. Called when all rows are matched.
 *
 * @returns how many addresses go without their guid
 */
export function withholdSharedGuids(index: SubscriberIndex): number {
  return index.columns.includes("guid") ? new SharedGuids(index).withhold() : 0;
}

class SharedGuids {
  readonly #index: SubscriberIndex;
  readonly #texts: number;
  readonly #guid = new TextCursor();
  readonly #key = new TextCursor();
  readonly #other = new TextCursor();
  #slots = new HashSlots(0);
  #withheld = 0;

  constructor(index: SubscriberIndex) {
    this.#index = index;
    this.#texts = 3 + index.columns.indexOf("guid");
  }

  withhold(): number {
    const { records } = this.#index;
    for (const entry of this.#index.entries()) {
      const match = records.matchOf(entry);
      if (match === matches.own || match === matches.linked) this.#claim(entry);
    }
    if (this.#slots.taken > 0 && this.#index.comparable.guid) {
      for (const entry of this.#index.entries()) {
        if (records.matchOf(entry) === matches.same && records.hasFlag(entry, flags.guidNamed)) {
          this.#yieldTo(entry);
        }
      }
    }
    return this.#withheld;
  }

  /** Gives an entry its guid unless an earlier one has it. */
  #claim(entry: number): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const hash = guid.hash();
    const slot = this.#slotOf(guid, hash);
    if (slot < 0) this.#slots.add(hash, entry);
    else if (this.#isRejected(this.#slots.at(slot))) this.#slots.replace(slot, entry);
    else if (!this.#isRejected(entry)) this.#withholdFrom(entry, this.#slots.at(slot));
  }

  /** An unchanged entry keeps its guid: who claimed it goes without. */
  #yieldTo(entry: number): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const slot = this.#slotOf(guid, guid.hash());
    if (slot >= 0) this.#withholdFrom(this.#slots.at(slot), entry);
  }

  #withholdFrom(entry: number, holder: number): void {
    const { records } = this.#index;
    const record = this.#recordOf(entry);
    if (records.hasFlag(record, flags.guidWithheld)) return;
    records.raise(record, flags.guidWithheld);
    // Two spellings of one address at the provider have the guid of one row: nothing that its owner mends.
    const key = records.open(this.#key, entry).read();
    if (!records.open(this.#other, holder).read().equals(key)) this.#withheld++;
  }

  /** Whether the planner will reject the entry, so that it sends no guid. */
  #isRejected(entry: number): boolean {
    const { records } = this.#index;
    const isHeld = records.matchOf(entry) !== matches.own && records.statusOf(entry) !== statusCodes.absent;
    return !isHeld && !isDeliverable(records.open(this.#key, entry).read().toString());
  }

  #slotOf(guid: TextCursor, hash: number): number {
    let slot = this.#slots.first(hash);
    while (slot >= 0 && !this.#guidAt(this.#slots.at(slot)).equals(guid))
      slot = this.#slots.after(slot, hash);
    return slot;
  }

  /** The guid that an entry would get: only a subscribed row names any. */
  #guidOf(entry: number): TextCursor | undefined {
    const record = this.#recordOf(entry);
    if (this.#index.records.statusOf(record) !== statusCodes.subscribed) return undefined;
    const guid = this.#index.records.open(this.#guid, record).skip(this.#texts);
    return guid.length === 0 ? undefined : guid;
  }

  #guidAt(entry: number): TextCursor {
    return this.#index.records.open(this.#other, this.#recordOf(entry)).skip(this.#texts);
  }

  /** The record that says what the source wants of an entry. */
  #recordOf(entry: number): number {
    const { records } = this.#index;
    return records.matchOf(entry) === matches.linked ? records.linkOf(entry) : entry;
  }
}
