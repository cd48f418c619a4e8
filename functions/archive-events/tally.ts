import type { EventFile, FileReport } from "./report.ts";

/** How far a run has come with the files that it was asked for. */
export class Tally {
  readonly asked: readonly EventFile[];
  /** What was fetched, in the order in which it ended. */
  readonly files: FileReport[] = [];
  settled = 0;
  /** Files of which nothing stands in the archive, those that are left not included. */
  absent = 0;
  /** In the order in which they were asked for. */
  readonly #left: Set<EventFile>;

  constructor(asked: readonly EventFile[]) {
    this.asked = asked;
    this.#left = new Set(asked);
  }

  get left(): number {
    return this.#left.size;
  }

  get firstLeft(): EventFile | undefined {
    return this.#left.values().next().value;
  }

  settle(file: EventFile): void {
    this.#left.delete(file);
    this.settled++;
  }

  add(file: EventFile, report: FileReport, isAbsent: boolean): void {
    this.#left.delete(file);
    this.files.push(report);
    if (isAbsent) this.absent++;
  }

  /** What was fetched, in the order in which it was asked for. */
  inOrder(): FileReport[] {
    const places = new Map(this.asked.map(({ event, date }, place) => [`${event} ${date}`, place]));
    const placeOf = ({ event, date }: EventFile) => places.get(`${event} ${date}`) ?? 0;
    return this.files.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
