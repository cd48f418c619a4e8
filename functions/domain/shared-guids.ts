import { isDeliverable } from "./email.ts";
import { HashSlots } from "./hash-slots.ts";
import { flags, layout, statusCodes, TextCursor } from "./packed-record.ts";
import { matches, type SubscriberIndex } from "./subscriber-index.ts";

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
    for (const entry of this.#index.entries()) {
      const match = this.#index.matchOf(entry);
      if (match === matches.own) this.#claim(entry);
      else if (match === matches.linked) this.#claim(this.#index.linkOf(entry));
    }
    if (this.#slots.taken > 0 && this.#index.comparable.guid) {
      for (const entry of this.#index.entries()) {
        if (this.#isSameWithGuid(entry)) this.#yieldTo(entry);
      }
    }
    return this.#withheld;
  }

  /** Gives a record its guid unless an earlier one has it. */
  #claim(record: number): void {
    const guid = this.#guidOf(record);
    if (guid === undefined) return;
    const hash = guid.hash();
    const slot = this.#slotOf(guid, hash);
    if (slot < 0) this.#slots.add(hash, record);
    else if (this.#isRejected(this.#slots.at(slot))) this.#slots.replace(slot, record);
    else if (!this.#isRejected(record)) this.#withhold(record, this.#slots.at(slot));
  }

  #isSameWithGuid(entry: number): boolean {
    const index = this.#index;
    return index.matchOf(entry) === matches.same && (index.flagsOf(entry) & flags.guidNamed) !== 0;
  }

  /** An unchanged entry keeps its guid: who claimed it goes without. */
  #yieldTo(entry: number): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const slot = this.#slotOf(guid, guid.hash());
    if (slot >= 0) this.#withhold(this.#slots.at(slot), entry);
  }

  #withhold(record: number, holder: number): void {
    const index = this.#index;
    if ((index.flagsOf(record) & flags.guidWithheld) !== 0) return;
    index.raise(record, flags.guidWithheld);
    // Two spellings of one address at the provider have the guid of one row: nothing that its owner mends.
    const key = index.open(this.#key, record).read();
    if (!index.open(this.#other, holder).read().equals(key)) this.#withheld++;
  }

  /** Whether the planner will reject the record, so that it sends no guid. */
  #isRejected(record: number): boolean {
    if (this.#index.matchOf(record) !== matches.own) return false;
    return !isDeliverable(this.#index.open(this.#key, record).read().toString());
  }

  #slotOf(guid: TextCursor, hash: number): number {
    let slot = this.#slots.first(hash);
    while (slot >= 0 && !this.#guidAt(this.#slots.at(slot)).equals(guid))
      slot = this.#slots.after(slot, hash);
    return slot;
  }

  #guidAt(record: number): TextCursor {
    return this.#index.open(this.#other, record).skip(this.#texts);
  }

  /** The guid that a record would send: only a subscribed one sends any. */
  #guidOf(record: number): TextCursor | undefined {
    const index = this.#index;
    const status = index.bytesOf(record)[index.offsetOf(record) + layout.status];
    if (status !== statusCodes.subscribed) return undefined;
    const guid = index.open(this.#guid, record).skip(this.#texts);
    return guid.length === 0 ? undefined : guid;
  }
}
