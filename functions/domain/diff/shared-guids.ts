import { flags, statusCodes } from "../records/packed-record.ts";
import { matches } from "../records/record-arena.ts";
import { TextCursor } from "../records/text-cursor.ts";
import { HashSlots } from "./hash-slots.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** What an address has to do with the guid that its row names: the provider has it, it will be sent, or neither. */
export type GuidClaim = "held" | "sent" | "none";

/**
 * Marks the records of the source that are to go without their guid because another address has it: the
 * provider silently ignores all but one of the rows of a request that share a guid. Who keeps it: an address
 * that the provider has it of, else the least of the addresses that it would be sent with, so that the order in
 * which they came does not matter. Called when all rows are matched.
 *
 * @param entries those that are not the same on both sides, and how many they may be
 * @returns how many addresses go without their guid
 */
export function withholdSharedGuids(
  index: SubscriberIndex,
  entries: Iterable<number> & { readonly length: number },
  claimOf: (entry: number) => GuidClaim,
): number {
  return index.columns.includes("guid")
    ? new SharedGuids(index, claimOf, entries.length).withhold(entries)
    : 0;
}

class SharedGuids {
  readonly #index: SubscriberIndex;
  readonly #claimOf: (entry: number) => GuidClaim;
  readonly #texts: number;
  readonly #guid = new TextCursor();
  readonly #key = new TextCursor();
  readonly #other = new TextCursor();
  readonly #slots: HashSlots;
  readonly #withheld: number[] = [];

  constructor(index: SubscriberIndex, claimOf: (entry: number) => GuidClaim, expected: number) {
    this.#index = index;
    this.#slots = new HashSlots(expected);
    this.#claimOf = claimOf;
    this.#texts = 3 + index.columns.indexOf("guid");
  }

  withhold(entries: Iterable<number>): number {
    const { records } = this.#index;
    for (const entry of entries) {
      const match = records.matchOf(entry);
      if (match === matches.own || match === matches.linked) this.#claim(entry);
    }
    if (this.#slots.taken > 0 && this.#index.comparable.guid) {
      this.#index.forEachEntry((entry) => {
        if (records.matchOf(entry) === matches.same && records.hasFlag(entry, flags.guidNamed)) {
          this.#yieldTo(entry);
        }
      });
    }
    return this.#withheld.filter((entry) => !this.#isOfItsHolder(entry)).length;
  }

  /** Gives an entry its guid unless a lesser one has it. */
  #claim(entry: number): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const hash = guid.hash();
    const slot = this.#slotOf(guid, hash);
    if (slot < 0) this.#slots.add(hash, entry);
    else this.#contest(slot, entry);
  }

  #contest(slot: number, entry: number): void {
    const holder = this.#slots.at(slot);
    const [claim, standing] = [this.#claimOf(entry), this.#claimOf(holder)];
    if (claim === "none") return;
    const keeps = claim === standing ? this.#isLess(holder, entry) : standing === "held";
    if (!keeps) this.#slots.replace(slot, entry);
    // Who the provider has it of sends none, and may share it.
    if (claim === "sent" && keeps) this.#withholdFrom(entry);
    else if (standing === "sent" && !keeps) this.#withholdFrom(holder);
  }

  /** By address, and for one address by spelling. */
  #isLess(entry: number, other: number): boolean {
    const { records } = this.#index;
    const [mine, theirs] = [records.open(this.#key, entry), records.open(this.#other, other)];
    for (let text = 0; text < 2; text++) {
      const order = mine.read().compare(theirs.read());
      if (order !== 0) return order < 0;
    }
    return false;
  }

  /** An unchanged entry keeps its guid: who claimed it goes without. */
  #yieldTo(entry: number): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const slot = this.#slotOf(guid, guid.hash());
    if (slot < 0) return;
    const holder = this.#slots.at(slot);
    const isSame = this.#index.records.matchOf(holder) === matches.same;
    if (isSame && this.#isLess(holder, entry)) return;
    this.#slots.replace(slot, entry);
    if (!isSame && this.#claimOf(holder) === "sent") this.#withholdFrom(holder);
  }

  #withholdFrom(entry: number): void {
    const record = this.#recordOf(entry);
    if (this.#index.records.hasFlag(record, flags.guidWithheld)) return;
    this.#index.records.raise(record, flags.guidWithheld);
    this.#withheld.push(entry);
  }

  /** Two spellings of one address at the provider have the guid of one row: nothing that its owner mends. */
  #isOfItsHolder(entry: number): boolean {
    const guid = this.#guidOf(entry)!;
    const holder = this.#slots.at(this.#slotOf(guid, guid.hash()));
    const key = this.#index.records.open(this.#key, entry).read();
    return this.#index.records.open(this.#other, holder).read().equals(key);
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
