import type { ListConfiguration } from "../configuration.ts";
import type { LookedUp } from "../domain/diff/planner.ts";
import { canonicalEmail } from "../domain/email.ts";
import { NewsletterSyncError, OutOfTimeError } from "../domain/errors.ts";
import type { QuarantinedRow } from "../domain/quarantined-row.ts";
import { createPlanner } from "../planning/create-planner.ts";
import type { NamedList, RunOfList } from "../planning/named-list.ts";
import { readBothSides } from "../planning/read-both-sides.ts";
import type { Run } from "../platform/run.ts";
import { openListMemory } from "../platform/storage/list-memory.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";
import type { ReadableList } from "../providers/provider.ts";
import type { SourceReading } from "../sources/source-reading.ts";

export interface SidesDependencies {
  /** The exchange bucket. */
  readonly store: ObjectStore;
  providerOf(list: NamedList, run: RunOfList): ReadableList;
  openSource(list: ListConfiguration, signal: AbortSignal): Promise<SourceReading>;
}

/** A row of the source that is set aside, and is this reader's. */
interface DamagedRow {
  readonly reason: string;
  readonly place?: string | undefined;
}

/** What both sides of a list say of a reader, and what a run would do. */
export interface SidesNow {
  /** The time of the database's state, in ms since the epoch. */
  readonly sourceReadAt: number;
  /** In each spelling that the provider has; empty if neither side has the address. */
  readonly spellings: readonly LookedUp[];
  readonly damaged: readonly DamagedRow[];
  readonly notes: readonly string[];
}

/** Why a list could not be read, in words that hold no address. */
export interface Unread {
  readonly problem: string;
  readonly error: NewsletterSyncError;
}

/**
 * Reads both sides whole and plans, as a run would, and keeps what is planned for one address: another reader with the same
 * guid, another spelling and a damaged row count as they do for a run. Nothing is written, so no lock is taken.
 */
export async function lookAtSides(
  list: NamedList,
  email: string,
  { dependencies, run }: { readonly dependencies: SidesDependencies; readonly run: Run<unknown> },
): Promise<SidesNow | Unread> {
  const canonical = canonicalEmail(email);
  const report: { notes?: readonly string[] } = {};
  const looking = { ...run, report };
  const note = (text: string) => {
    report.notes = [...(report.notes ?? []), text];
  };
  const damaged: DamagedRow[] = [];
  const keepTheirs = async ({ email, reason, place }: QuarantinedRow) => {
    if (canonicalEmail(email) === canonical) damaged.push({ reason, place });
  };
  const quarantine = {
    add: keepTheirs,
    reject: keepTheirs,
    async restart() {
      damaged.length = 0;
    },
  };
  try {
    const provider = dependencies.providerOf(list, { deadline: run.deadline, note });
    const openSource = () => dependencies.openSource(list.configuration, run.signal);
    const bothSides = await readBothSides(list, { provider, quarantine, openSource }, looking);
    const { graceHours } = list.configuration;
    const { store } = dependencies;
    const memory = openListMemory({ store, list: list.name, graceHours, now: () => run.now(), note });
    const planner = await createPlanner(bothSides, memory);
    const spellings = planner.lookUp(canonical);
    return { sourceReadAt: bothSides.sourceReadAt, spellings, damaged, notes: report.notes ?? [] };
  } catch (error) {
    if (run.signal.aborted) {
      const problem = "the function's time was over first";
      return { problem, error: new OutOfTimeError("both sides of a list were being read", { cause: error }) };
    }
    if (!(error instanceof NewsletterSyncError)) throw error;
    return { problem: `${error.name}: ${error.message}`, error };
  }
}
