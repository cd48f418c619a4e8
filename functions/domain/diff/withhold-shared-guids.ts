import { fieldText, flags, spellingText, statusCodes } from "../records/packed-record.ts";
import { type Hash, TextCursor } from "../records/text-cursor.ts";
import { HashSlots, noSlot, type Slot } from "./hash-slots.ts";
import { matches, type Position } from "./record-arena.ts";
import type { SubscriberIndex } from "./subscriber-index.ts";

/** `held`: the provider has the guid for this address; `sent`: the guid would be sent with it; `none`: neither. */
export type GuidClaim = "held" | "sent" | "none";

/**
 * Marks the rows of the source that are to be sent without their guid, as another address has it: the provider
 * silently ignores all but one of the rows in a request that share a guid. The address for which the provider has the
 * guid keeps it, else the first in the order of bytes of those with which it would be sent: so the order in which rows
 * came does not matter. To be called after the last row.
 *
 * @param entries those on which the two sides differ
 * @returns how many addresses are sent without their guid
 */
export function withholdSharedGuids(
  index: SubscriberIndex,
  entries: Iterable<Position> & { readonly length: number },
  claimOf: (entry: Position) => GuidClaim,
): number {
  const guidText = fieldText(index.columns, "guid");
  if (guidText === undefined) return 0;
  return new SharedGuids(index, { claimOf, guidText, expected: entries.length }).withhold(entries);
}

interface SharedGuidsOptions {
  readonly claimOf: (entry: Position) => GuidClaim;
  readonly guidText: number;
  readonly expected: number;
}

class SharedGuids {
  readonly #index: SubscriberIndex;
  readonly #claimOf: (entry: Position) => GuidClaim;
  readonly #guidText: number;
  readonly #guid = new TextCursor();
  readonly #key = new TextCursor();
  readonly #other = new TextCursor();
  /** For each guid, the entry that keeps it. */
  readonly #keepers: HashSlots;
  readonly #withheld: Position[] = [];

  constructor(index: SubscriberIndex, { claimOf, guidText, expected }: SharedGuidsOptions) {
    this.#index = index;
    this.#claimOf = claimOf;
    this.#guidText = guidText;
    this.#keepers = new HashSlots(expected);
  }

  withhold(entries: Iterable<Position>): number {
    const { records } = this.#index;
    for (const entry of entries) {
      const match = records.matchOf(entry);
      if (match === matches.onlyDesired || match === matches.separate) this.#claim(entry);
    }
    if (this.#keepers.taken > 0 && this.#index.comparable.guid) {
      this.#index.forEachEntry((entry) => {
        const isSame = records.matchOf(entry) === matches.sameSubscribed;
        if (isSame && records.hasFlag(entry, flags.hasDesiredGuid)) this.#claimUnchanged(entry);
      });
    }
    return this.#withheld.filter((entry) => !this.#isSpellingOfKeeper(entry)).length;
  }

  #claim(entry: Position): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const hash = guid.hash();
    const slot = this.#slotOf(guid, hash);
    if (slot === noSlot) this.#keepers.add(hash, entry);
    else this.#contest(slot, entry);
  }

  #contest(slot: Slot, entry: Position): void {
    const keeper = this.#keepers.at(slot);
    const claim = this.#claimOf(entry);
    const keepersClaim = this.#claimOf(keeper);
    if (claim === "none") return;
    const keeps = claim === keepersClaim ? this.#isBefore(keeper, entry) : keepersClaim === "held";
    if (!keeps) this.#keepers.replace(slot, entry);
    // An address for which the provider has the guid is not sent it, and may share it.
    if (claim === "sent" && keeps) this.#withholdFrom(entry);
    else if (keepersClaim === "sent" && !keeps) this.#withholdFrom(keeper);
  }

  /** By canonical address, then by spelling. */
  #isBefore(entry: Position, other: Position): boolean {
    const { records } = this.#index;
    const mine = records.open(this.#key, entry);
    const theirs = records.open(this.#other, other);
    for (let text = 1; text <= spellingText; text++) {
      const order = mine.read().compare(theirs.read());
      if (order !== 0) return order < 0;
    }
    return false;
  }

  /** An entry that is the same on both sides has its guid already: nobody else gets it. */
  #claimUnchanged(entry: Position): void {
    const guid = this.#guidOf(entry);
    if (guid === undefined) return;
    const slot = this.#slotOf(guid, guid.hash());
    if (slot === noSlot) return;
    const keeper = this.#keepers.at(slot);
    const isKeeperUnchanged = this.#index.records.matchOf(keeper) === matches.sameSubscribed;
    if (isKeeperUnchanged && this.#isBefore(keeper, entry)) return;
    this.#keepers.replace(slot, entry);
    if (!isKeeperUnchanged && this.#claimOf(keeper) === "sent") this.#withholdFrom(keeper);
  }

  #withholdFrom(entry: Position): void {
    const record = this.#desiredRecordOf(entry);
    if (this.#index.records.hasFlag(record, flags.guidWithheld)) return;
    this.#index.records.setFlag(record, flags.guidWithheld);
    this.#withheld.push(entry);
  }

  /** Two spellings of one address at the provider share the guid of one row: there is nothing to fix in the source. */
  #isSpellingOfKeeper(entry: Position): boolean {
    const guid = this.#guidOf(entry)!;
    const keeper = this.#keepers.at(this.#slotOf(guid, guid.hash()));
    const key = this.#index.records.open(this.#key, entry).read();
    return this.#index.records.open(this.#other, keeper).read().equals(key);
  }

  #slotOf(guid: TextCursor, hash: Hash): Slot {
    let slot = this.#keepers.first(hash);
    while (slot !== noSlot && !this.#guidAt(this.#keepers.at(slot)).equals(guid))
      slot = this.#keepers.after(slot, hash);
    return slot;
  }

  /** The guid that is wanted for an entry; only a subscribed row has one. */
  #guidOf(entry: Position): TextCursor | undefined {
    const record = this.#desiredRecordOf(entry);
    if (this.#index.records.statusOf(record) !== statusCodes.subscribed) return undefined;
    const guid = this.#index.records.open(this.#guid, record).forward(this.#guidText);
    return guid.length === 0 ? undefined : guid;
  }

  #guidAt(entry: Position): TextCursor {
    return this.#index.records.open(this.#other, this.#desiredRecordOf(entry)).forward(this.#guidText);
  }

  /** The record of the source's row for an entry. */
  #desiredRecordOf(entry: Position): Position {
    const { records } = this.#index;
    return records.matchOf(entry) === matches.separate ? records.desiredRecordOf(entry) : entry;
  }
}
