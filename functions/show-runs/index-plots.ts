import { inDigits } from "../platform/run-summary.ts";
import type { Html } from "./html.ts";
import { type Line, type Plot, plotOf } from "./plot.ts";
import { fold, type NamedPoint, named } from "./point.ts";
import type { Subject } from "./run-index.ts";
import { durationOf, startOf } from "./words.ts";

/** Of more days than this, plots show weeks. */
const mostDays = 120;

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What became of a list's runs.
 *
 * @param number another one for each list of a page
 */
export function plotsOf(
  { points, functionName }: Pick<Subject, "points"> & { readonly functionName: string },
  number: number,
): (Html | undefined)[] {
  const { unit, all } = spanned(points);
  const line = (name: string, colour: Line["colour"], value: (point: NamedPoint) => number | null): Line => ({
    name,
    colour,
    values: all.map(([at, point]) => [at, value(point)]),
  });
  const plot = (id: string, title: string, look: Pick<Plot, "fromZero" | "inWords">, ...lines: Line[]) =>
    plotOf({ id: `plot-${number}-${id}`, title, lines, ...look });
  const levels = { fromZero: false, inWords: inDigits };
  const counts = { fromZero: true, inWords: inDigits };
  const changed = functionName === "archive-events" ? "Files stored" : "Changes and returns";
  return [
    plot(
      "subscribers",
      "Subscribers",
      levels,
      line("provider", "blue", ({ current }) => current),
      line("database", "green", ({ desired }) => desired),
    ),
    plot(
      "changes",
      `${changed} a ${unit}`,
      counts,
      line("done", "blue", (point) => point.changed),
    ),
    plot(
      "refusals",
      "Refusals",
      counts,
      line("set aside", "amber", ({ refused }) => refused),
      line("waiting", "blue", ({ waiting }) => waiting),
      line("failed runs", "red", ({ failed }) => failed),
    ),
    plot(
      "duration",
      `Longest run of a ${unit}`,
      { fromZero: true, inWords: durationOf },
      line("time", "blue", ({ ms }) => ms),
    ),
  ];
}

/** The points by day, or by week: what a plot can show, whatever there is. */
function spanned(points: Subject["points"]): {
  readonly unit: "day" | "week";
  readonly all: readonly (readonly [at: number, point: NamedPoint])[];
} {
  const days = Map.groupBy(Object.entries(points), ([key]) => dayNumber(key));
  const unit = days.size > mostDays ? "week" : "day";
  const length = unit === "week" ? 7 : 1;
  const spans = Map.groupBy(Object.entries(points), ([key]) => Math.floor(dayNumber(key) / length));
  const all = [...spans].map(
    ([span, group]) => [span * length * dayMs, named(fold(group.map(([, point]) => point)))] as const,
  );
  return { unit, all };
}

function dayNumber(key: string): number {
  return startOf(`${key.slice(0, 8)}T000000Z`).getTime() / dayMs;
}
