import type { ListReport } from "../platform/work-on-list.ts";
import type { ListCounts } from "../providers/provider.ts";

/** One file of an import. */
export interface ImportedFile {
  /** Its key in the exchange bucket. */
  readonly key: string;
  rows: number;
  bytes: number;
  /** Whether it was announced to the provider, or may have been: the answer may be lost. */
  announced?: true;
  /** The provider's answer; absent as long as there is none. */
  import?: { readonly id: string | number; readonly status: string };
}

/** What a run wrote and what the provider made of it: numbers and names, never an address. */
export interface ImportReport extends ListReport {
  dryRun: boolean;
  rows: {
    /** Written without a status: the provider subscribes new readers, and leaves the status of known ones alone. */
    active: number;
    /** Written as unsubscribed, with the source's cause. */
    unsubscribed: number;
    /** Set aside: no provider would accept the address. */
    rejected: number;
    /** Set aside: another row of the same address counts. */
    duplicates: number;
    /** Written without their guid, because another row has the same one. */
    sharedGuids: number;
  };
  files: readonly ImportedFile[];
  before: ListCounts;
  /** The last counts read. */
  after: ListCounts;
  /** Whether the counts moved and then stood still. */
  settled: boolean;
  /** What a person should know beyond the numbers. */
  notes: readonly string[];
}
