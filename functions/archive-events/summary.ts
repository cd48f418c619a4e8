import {
  counted,
  countsInWords,
  type Failure,
  inDigits,
  listed,
  whoActsNext,
} from "../platform/run-summary.ts";
import type { ArchiveReport, FileReport } from "./report.ts";

/** What a run stored and what waits for whom, in one line for a person. */
export function summaryOf(
  { problem, files, settled = 0, left = 0, lost = 0, next }: Partial<ArchiveReport>,
  failure?: Failure,
): string {
  if (problem !== undefined) return `nothing is archived yet: ${problem}`;
  if (files === undefined) return listed(["nothing was fetched", failure && whoActsNext(failure)]);
  const failed = files.filter(({ outcome }) => outcome === "failed");
  const goOn = next === undefined ? "the next run" : `the event ${JSON.stringify(next)}`;
  return listed([
    outcomes(files, settled),
    failed.length > 0 && `${counted(failed.length, "file")} failed: ${namesOf(failed)}`,
    lost > 0 && `${counted(lost, "file")} lost: no run asks for ${lost === 1 ? "it" : "them"} again`,
    left > 0 && `${inDigits(left)} left for ${goOn}`,
    failure && whoActsNext(failure),
  ]);
}

function outcomes(files: readonly FileReport[], settled: number): string {
  const count = (wanted: FileReport["outcome"]) => files.filter(({ outcome }) => outcome === wanted).length;
  const counts = {
    stored: count("stored"),
    replaced: count("replaced"),
    unchanged: count("unchanged"),
    "without rows": count("empty"),
    "not at the provider": count("unavailable"),
    "fetched earlier": settled,
  };
  const words = countsInWords(counts);
  return words === "" ? "nothing was stored" : `files: ${words}`;
}

const maxNamed = 3;

function namesOf(files: readonly FileReport[]): string {
  const named = files.slice(0, maxNamed).map(({ event, date }) => `${event} of ${date}`);
  const more = files.length - named.length;
  return [...named, ...(more > 0 ? [`${inDigits(more)} more`] : [])].join(", ");
}
