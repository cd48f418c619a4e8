import type { NamedList } from "../planning/named-list.ts";
import { note, type Run } from "../platform/run.ts";
import type { Bucket } from "../platform/storage/bucket.ts";
import type { FileStore } from "../platform/storage/file-store.ts";
import type { HashedReader } from "../platform/storage/history/reader-hash.ts";
import { eraseFromArchive } from "./erase-archive.ts";
import { eraseFromExchange } from "./erase-exchange.ts";
import type { Mirrors } from "./erase-mirrors.ts";
import { ErasureTally } from "./erasure.ts";
import { ErasureRefusedError } from "./erasure-refused-error.ts";
import type { LookUpEvent } from "./event.ts";
import { lookAtSides, type SidesDependencies, type SidesNow } from "./look-at-sides.ts";
import { createReaderMatcher } from "./reader-matcher.ts";
import type { LookUpReport } from "./report.ts";

export interface EraseDependencies extends SidesDependencies {
  readonly lists: Readonly<Record<string, NamedList["configuration"]>>;
  /** The exchange bucket. */
  readonly bucket: Bucket;
  readonly files: FileStore;
  readonly archive: { readonly bucket: Bucket; readonly files: FileStore };
  readonly mirrors: Mirrors;
  /** Whether a mirror remembers who left the list, because its provider forgets it. */
  remembersLeavers(list: NamedList): boolean;
}

/** Where a reader still is, as no function of ours reaches there. */
const remains = [
  "the provider and the database: neither is changed. As long as one of them has the reader, runs write them down again",
  "backups and exports of either, and files of returns that were copied elsewhere",
  "earlier versions of archived files: the archive's bucket keeps them until they expire",
  "messages in the queue of pushes and its dead letters, until they are done or two weeks old",
  "what another function was writing at the same time, and archived files that are fetched from now on",
  "logs, metrics and reports hold no address, and this receipt only a hash",
];

/**
 * Takes a reader out of both buckets. Can be repeated, and goes on where it was when the function's time was over.
 *
 * @throws ErasureRefusedError before anything is erased; ListBusyError; OutOfTimeError when the exchange bucket alone took
 *   too long
 */
export async function eraseReader(
  { email, from }: LookUpEvent,
  { dependencies, reader }: { readonly dependencies: EraseDependencies; readonly reader: HashedReader },
  run: Run<LookUpReport>,
): Promise<void> {
  const { lists, store, bucket, files, archive, mirrors } = dependencies;
  const { signal, report } = run;
  const matcher = createReaderMatcher(email);
  const tally = new ErasureTally();
  const shared = { matcher, tally, signal };
  report.erased = tally.erased;
  report.keys = tally.keys;
  report.unreadable = tally.unreadable;
  if (from !== undefined) report.from = from;
  report.remains = remains;
  try {
    if (from === undefined) {
      await refuseIfKeptOut(email, dependencies, run);
      const exchange = { store, bucket, files, lists, mirrors, reader, hasLabels: false, ...shared };
      await eraseFromExchange(exchange, run);
    }
    const next = await eraseFromArchive({ ...archive, hasLabels: true, ...shared }, { from }, run);
    report.isToGoOn = next !== undefined;
    noteUnreadable(tally.unreadable, run);
    if (next === undefined) return;
    note(run, "the archive was not looked through to its end: the answer has the event that goes on");
    run.answer = { next: { email, erase: true, from: next } satisfies LookUpEvent };
  } finally {
    report.searched = tally.searched;
  }
}

function noteUnreadable({ length }: readonly string[], run: Run<LookUpReport>): void {
  if (length > 0)
    note(
      run,
      `objects that are damaged or have another key, left as they are: nobody can tell who is in them: ${length}`,
    );
}

async function refuseIfKeptOut(
  email: string,
  dependencies: EraseDependencies,
  run: Run<unknown>,
): Promise<void> {
  for (const [name, configuration] of Object.entries(dependencies.lists)) {
    const list = { name, configuration };
    if (!dependencies.remembersLeavers(list)) continue;
    const sides = await lookAtSides(list, email, { dependencies, run });
    // Who cannot tell may not forget.
    if ("problem" in sides) throw sides.error;
    if (sides.spellings.some(isKeptOut)) throw new ErasureRefusedError(name);
  }
}

/** Whether the database wants a reader subscribed whom only what the mirror shows of them keeps out. */
function isKeptOut({ current, desired }: SidesNow["spellings"][number]): boolean {
  return desired?.subscribed === true && current?.subscribed === false;
}
