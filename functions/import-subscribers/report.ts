import type { Change, ChangeGroup } from "../domain/plan.ts";
import type { PlanReport } from "../planning/plan-report.ts";
import type { ImportAnswer } from "../providers/importer.ts";
import type { ListCounts } from "../providers/provider.ts";

/** One file of an import. */
export interface ImportedFile {
  /** Its key in the exchange bucket. */
  readonly key: string;
  /** Its rows are changes of this group. */
  readonly group: ChangeGroup;
  rows: number;
  bytes: number;
  /** Whether it was announced to the provider, or may have been: the answer may be lost. */
  announced?: true;
  /** The provider's answer; absent as long as there is none. */
  import?: Pick<ImportAnswer, "id" | "status">;
}

/** How many changes of each kind. */
export type KindCounts = Readonly<Record<Change["kind"], number>>;

/** What a run planned and wrote, and what the provider made of it: numbers and names, never an address. */
export interface ImportReport extends PlanReport {
  dryRun: boolean;
  files: readonly ImportedFile[];
  /** The provider's counts before the first file was announced. */
  before: ListCounts;
  /** The last counts read. */
  after: ListCounts;
  /** Whether the counts moved and then stood still. */
  settled: boolean;
  /** The announced changes for which both sides still asked when they were compared again. */
  remaining: KindCounts;
}
