import type { EventFile } from "../providers/event-files.ts";
import type { FileReport } from "./report.ts";

/** How far a run has come with the files that it was asked for. */
export class ArchiveProgress {
  readonly requested: readonly EventFile[];
  /** What became of each file that was fetched, in the order in which they finished. */
  readonly reports: FileReport[] = [];
  /** How many files were skipped, because they are stored and get no more rows. */
  settled = 0;
  /** The files that were tried and are in the archive in no version. */
  readonly missing: EventFile[] = [];
  /** The files not reached yet, in the order in which they were requested. */
  readonly #left: Set<EventFile>;

  constructor(requested: readonly EventFile[]) {
    this.requested = requested;
    this.#left = new Set(requested);
  }

  get left(): number {
    return this.#left.size;
  }

  get firstLeft(): EventFile | undefined {
    return this.#left.values().next().value;
  }

  skipSettled(file: EventFile): void {
    this.#left.delete(file);
    this.settled++;
  }

  add(file: EventFile, report: FileReport, isMissing: boolean): void {
    this.#left.delete(file);
    this.reports.push(report);
    if (isMissing) this.missing.push(file);
  }

  /** The reports in the order in which the files were requested. */
  reportsInOrder(): FileReport[] {
    const places = new Map(this.requested.map(({ event, date }, place) => [`${event} ${date}`, place]));
    const placeOf = ({ event, date }: EventFile) => places.get(`${event} ${date}`) ?? 0;
    return this.reports.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
