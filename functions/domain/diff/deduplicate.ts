import type { RecordBlock } from "../records/packed-record.ts";
import { DesiredMatcher } from "./desired-matcher.ts";
import { PositionList } from "./position-list.ts";
import { matches } from "./record-arena.ts";
import { SubscriberIndex } from "./subscriber-index.ts";

/**
 * The rows of a block, each address once: of rows that share an address, the one that counts in a sync. Such rows
 * must be in the same block.
 *
 * @param onDuplicate receives the canonical address of each row that shares it with an earlier row
 */
export function deduplicate(
  block: RecordBlock,
  columns: readonly string[],
  onDuplicate?: (canonical: string) => void,
): SubscriberIndex {
  const index = new SubscriberIndex(columns, block.count);
  new DesiredMatcher(index, onDuplicate).match(block);
  return index;
}

/** The records of the rows that count, of an index without the provider's side. */
export function desiredRecords(index: SubscriberIndex): PositionList {
  const { records } = index;
  const desired = new PositionList();
  index.forEachEntry((entry) =>
    desired.push(records.matchOf(entry) === matches.separate ? records.desiredRecordOf(entry) : entry),
  );
  return desired;
}
