import type { RecordBlock } from "../records/packed-record.ts";
import { PositionList } from "../records/position-list.ts";
import { matches } from "../records/record-arena.ts";
import { DesiredMatcher } from "./desired-matcher.ts";
import { SubscriberIndex } from "./subscriber-index.ts";

/**
 * Rows of a source, each address once, by the rule of {@link DesiredMatcher}. Rows that share an address must
 * come in one block.
 *
 * @param onDuplicate is told the canonical address of each row that shares one with an earlier row
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

/** The position of the record that says what the source wants, of each address that only the source has. */
export function wantedRecords(index: SubscriberIndex): PositionList {
  const { records } = index;
  const wanted = new PositionList();
  index.forEachEntry((entry) =>
    wanted.push(records.matchOf(entry) === matches.linked ? records.linkOf(entry) : entry),
  );
  return wanted;
}
