import { counted, type Failure, inDigits, listed, whoActsNext } from "../platform/run-summary.ts";
import type { LookUpReport } from "./report.ts";

/** What a run did, in one line that holds no address. */
export function summaryOf(report: Partial<LookUpReport>, failure?: Failure): string {
  const { reader, erased, searched = 0, unreadable = [], isToGoOn } = report;
  const places = Object.entries(erased ?? {}).map(
    ([place, { objects, rows }]) => `${place} ${inDigits(rows)} in ${counted(objects, "object")}`,
  );
  return listed([
    reader ?? "nobody was looked up",
    erased && (places.length === 0 ? "nothing to erase" : `erased: ${places.join(", ")}`),
    erased && `searched ${counted(searched, "object")}`,
    unreadable.length > 0 && `${counted(unreadable.length, "object")} could not be read`,
    isToGoOn && "more of the archive is left, for the event of the answer",
    !erased && failure === undefined && reader !== undefined && "told",
    failure && whoActsNext(failure),
  ]);
}
