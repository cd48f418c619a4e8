import type { Change } from "../../domain/plan.ts";
import type { WriteOptions } from "../provider.ts";
import { ListSize } from "./list-size.ts";
import { lookAgain, maxSearches } from "./look-again.ts";
import { type Found, lookForNew } from "./look-for-new.ts";
import type { ListReader } from "./pages/list-reader.ts";

/** How often a list is read whole for the sake of new addresses: on a list that never rests it would not end. */
const maxReadings = 5;

const nothing: Found = { stale: new Set(), held: new Set() };

export interface Looked {
  /** Not to be sent: the address is no longer what the plan saw. */
  readonly leftOut: ReadonlySet<Change>;
  /** New addresses that the list has meanwhile, subscribed and spelled the same. */
  readonly held: ReadonlySet<Change>;
  /** To be called when the request is over, with how many new addresses it added. */
  settle(added: number): void;
}

/** Looks at the list again just before changes are sent, as some of them may be stale by then. */
export type Look = (changes: readonly Change[], options: WriteOptions) => Promise<Looked>;

/** One look at a time, although batches are sent concurrently: each makes as many requests at once as are allowed. */
export function createLook(reader: ListReader, countAll: (signal: AbortSignal) => Promise<number>): Look {
  const size = new ListSize();
  let readings = 0;
  let lastLook: Promise<unknown> = Promise.resolve();

  async function findNew(subscriptions: readonly Change[], options: WriteOptions): Promise<Found> {
    if (subscriptions.length === 0) return nothing;
    if (subscriptions.length > maxSearches) {
      const isUnchanged = await size.isAsExpected(options.held, () => countAll(options.signal));
      if (isUnchanged || readings === maxReadings) return nothing;
      readings++;
    }
    return await lookForNew(reader, subscriptions, options);
  }

  async function look(changes: readonly Change[], options: WriteOptions): Promise<Looked> {
    const subscriptions = changes.filter(({ kind }) => kind === "subscribe");
    const resubscriptions = changes.filter(({ kind }) => kind === "resubscribe");
    const { stale, held } = await findNew(subscriptions, options);
    // Last, as nothing else protects a reader who opts out between this and the write.
    const asSeen =
      resubscriptions.length === 0 ? nothing.held : await lookAgain(reader, resubscriptions, options);
    const leftOut = new Set([...stale, ...resubscriptions.filter((change) => !asSeen.has(change))]);
    const added = subscriptions.filter((change) => !leftOut.has(change) && !held.has(change)).length;
    return { leftOut, held, settle: size.add(options.held, added) };
  }

  return (changes, options) => {
    const looked = lastLook.then(() => look(changes, options));
    lastLook = looked.catch(() => undefined);
    return looked;
  };
}
