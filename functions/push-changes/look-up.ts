import type { SubscriberIndex } from "../domain/diff/subscriber-index.ts";
import type { Comparable } from "../domain/differing-fields.ts";
import { canonicalEmail } from "../domain/email.ts";
import type { CurrentSubscriber } from "../domain/subscriber.ts";
import { readWholeList } from "../planning/read-whole-list.ts";
import type { ListCounts, Provider } from "../providers/provider.ts";
import type { PushedChange } from "./push-message.ts";

/** What the provider has of the readers whom messages are about. */
export interface LookedUp {
  /** How many addresses the list has. */
  readonly counts: ListCounts;
  readonly comparable: Comparable;
  /** Whether the list was read, so that everybody with the same guid is known. */
  readonly isWhole: boolean;
  /** Every spelling of the reader's address, and whoever is known to have the same guid. */
  rowsOf(change: PushedChange): readonly CurrentSubscriber[];
}

interface LookUpOptions {
  readonly signal: AbortSignal;
  now(): Date;
  progress(phase: string, done: number, total?: number): void;
}

/** Searches for the readers. @returns undefined if the list is to be read: they are too many, or the provider has no search */
export async function search(
  provider: Provider,
  changes: readonly PushedChange[],
  { signal }: Pick<LookUpOptions, "signal">,
): Promise<LookedUp | undefined> {
  if (provider.findSubscribers === undefined) return undefined;
  const options = { ...readingOf(changes), signal };
  const addresses = changes.map(({ canonical }) => canonical);
  const [counts, found] = await Promise.all([
    provider.countSubscribers(signal),
    provider.findSubscribers(addresses, options),
  ]);
  if (found === undefined) return undefined;
  const byAddress = Map.groupBy(found.rows, ({ email }) => canonicalEmail(email));
  return {
    counts,
    comparable: { guid: found.showsGuid, data: found.showsData },
    isWhole: false,
    rowsOf: ({ canonical }) => byAddress.get(canonical) ?? [],
  };
}

/** Reads the list, and proves that it was read whole: an address that it does not show is not there. */
export async function readAll(
  provider: Provider,
  changes: readonly PushedChange[],
  { signal, now, progress }: LookUpOptions,
): Promise<LookedUp> {
  const { result } = await readWholeList(provider, {
    ...readingOf(changes),
    signal,
    now,
    whileRecounting: (index) => lookedUpIn(index, changes),
    progress: (done, total) => progress("reading the provider", done, total),
  });
  return result;
}

/** What of each row matters. */
function readingOf(changes: readonly PushedChange[]) {
  return { columns: columnsOf(changes), subscribedSince: Math.min(...changes.map(({ saidAt }) => saidAt)) };
}

/** The fields that the messages give. */
function columnsOf(changes: readonly PushedChange[]): string[] {
  return [...new Set(changes.flatMap(({ desired }) => Object.keys(desired.fields)))];
}

function lookedUpIn(index: SubscriberIndex, changes: readonly PushedChange[]): LookedUp {
  const addresses = new Set(changes.map(({ canonical }) => canonical));
  const guids = new Set(changes.map(guidOf).filter((guid) => guid !== ""));
  const rows: CurrentSubscriber[] = [];
  index.forEachEntry((entry) => {
    const row = index.unpackCurrent(entry);
    if (addresses.has(canonicalEmail(row.email)) || guids.has(row.fields["guid"] ?? "")) rows.push(row);
  });
  const byAddress = Map.groupBy(rows, ({ email }) => canonicalEmail(email));
  const byGuid = Map.groupBy(rows, ({ fields }) => fields["guid"] ?? "");
  return {
    counts: { ...index.current },
    comparable: { ...index.comparable },
    isWhole: true,
    rowsOf(change) {
      const guid = guidOf(change);
      const own = byAddress.get(change.canonical) ?? [];
      const others = guid === "" ? [] : (byGuid.get(guid) ?? []);
      return [...new Set([...own, ...others])];
    },
  };
}

function guidOf({ desired }: PushedChange): string {
  return desired.fields["guid"] ?? "";
}
