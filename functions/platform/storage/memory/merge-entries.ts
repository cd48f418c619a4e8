import { compareKeys, type EntryFormat, flagOf, forgotten } from "./entry.ts";
import { SortedEntries } from "./sorted-entries.ts";

/** Sorts entries by key; entries with the same key stay in the order in which they were recorded. */
export function sortEntries(recorded: Uint32Array, size: number): Uint32Array {
  const count = recorded.length / size;
  // The first word of the key and the entry's number fit into the 53 bits of a double: sorting numbers is fast.
  const order = Float64Array.from({ length: count }, (_, n) => recorded[n * size]! * count + n).sort();
  const sorted = new Uint32Array(recorded.length);
  for (let n = 0; n < count; n++) {
    const at = (order[n]! % count) * size;
    let to = n * size;
    // Keys that share their first word are rare, so an insertion sort is enough for them.
    for (; to > 0 && compareKeys(sorted, to - size, recorded, at) > 0; to -= size) {
      sorted.copyWithin(to, to - size, to);
    }
    for (let word = 0; word < size; word++) sorted[to + word] = recorded[at + word]!;
  }
  return sorted;
}

/**
 * Merges sorted runs into one entry per key: the last entry of the last run that has the key. Drops entries that are
 * forgotten or no longer kept, and beyond the limit the oldest ones.
 */
export function mergeEntries(runs: readonly Uint32Array[], format: EntryFormat): SortedEntries {
  const { size } = format;
  const total = runs.reduce((sum, run) => sum + run.length, 0);
  const merged = SortedEntries.allocate(total);
  const heads = new Uint32Array(runs.length);
  let end = 0;
  for (let next = leastOf(runs, heads); next >= 0; next = leastOf(runs, heads)) {
    const run = runs[next]!;
    const head = heads[next]!;
    if (end > 0 && compareKeys(merged, end - size, run, head) === 0) end -= size;
    for (let word = 0; word < size; word++) merged[end + word] = run[head + word]!;
    end += size;
    heads[next] = head + size;
  }
  return new SortedEntries(keepNewest(merged.subarray(0, end), format), size);
}

/** The first run with the smallest next key; -1 when all runs are used up. */
function leastOf(runs: readonly Uint32Array[], heads: Uint32Array): number {
  let least = -1;
  for (let run = 0; run < runs.length; run++) {
    if (heads[run]! === runs[run]!.length) continue;
    if (least < 0 || compareKeys(runs[run]!, heads[run]!, runs[least]!, heads[least]!) < 0) least = run;
  }
  return least;
}

function keepNewest(entries: Uint32Array, { size, limit, isKept }: EntryFormat): Uint32Array {
  const kept = filterStamps(entries, size, (stamp) => stamp !== forgotten && isKept(stamp));
  const bounds = [0, 1].map((flag) => boundOf(kept, { size, limit, flag }));
  return filterStamps(kept, size, (stamp) => {
    const bound = bounds[flagOf(stamp)]!;
    return stamp > bound.oldest || (stamp === bound.oldest && bound.ofOldest-- > 0);
  });
}

/** The oldest stamp that is kept, and how many entries with exactly this stamp are kept. */
function boundOf(
  entries: Uint32Array,
  { size, limit, flag }: { size: number; limit: number; flag: number },
): { oldest: number; ofOldest: number } {
  let count = 0;
  for (let at = size - 1; at < entries.length; at += size) if (flagOf(entries[at]!) === flag) count++;
  if (count <= limit) return { oldest: 0, ofOldest: 0 };
  const stamps = new Uint32Array(count);
  count = 0;
  for (let at = size - 1; at < entries.length; at += size) {
    if (flagOf(entries[at]!) === flag) stamps[count++] = entries[at]!;
  }
  const newest = stamps.sort().subarray(count - limit);
  const oldest = newest[0]!;
  return { oldest, ofOldest: newest.lastIndexOf(oldest) + 1 };
}

/** Filters in place. */
function filterStamps(entries: Uint32Array, size: number, passes: (stamp: number) => boolean): Uint32Array {
  let end = 0;
  for (let at = 0; at < entries.length; at += size) {
    if (!passes(entries[at + size - 1]!)) continue;
    if (end !== at) for (let word = 0; word < size; word++) entries[end + word] = entries[at + word]!;
    end += size;
  }
  return entries.subarray(0, end);
}
