import type { ListReport } from "../platform/work-on-list.ts";
import type { ListCounts } from "../providers/provider.ts";

/** One file of an import. */
export interface ImportedFile {
  /** Where it stands in the exchange bucket. */
  readonly key: string;
  rows: number;
  bytes: number;
  /** Whether the provider was told of it, or may have been: its answer may be lost. */
  announced?: true;
  /** The provider's answer; absent when it gave none (yet). */
  import?: { readonly id: string | number; readonly status: string };
}

/** What a run wrote and what the provider made of it: numbers and names, never an address. */
export interface ImportReport extends ListReport {
  dryRun: boolean;
  rows: {
    /** Written without a status: the provider subscribes who is new, and leaves a known reader's status alone. */
    active: number;
    /** Written as unsubscribed, with the source's cause. */
    unsubscribed: number;
    /** Set aside: no address that a provider would take. */
    rejected: number;
    /** Set aside: another row of the same address counts. */
    duplicates: number;
    /** Written without their guid, because another row has it. */
    sharedGuids: number;
  };
  files: readonly ImportedFile[];
  before: ListCounts;
  /** The last counts that were read. */
  after: ListCounts;
  /** Whether the counts moved and then stood still. */
  settled: boolean;
  /** What a person should know and no number tells. */
  notes: readonly string[];
}
