import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { type Html, html, trusted } from "./html.ts";

use([LineChart, GridComponent, SVGRenderer]);

export interface Line {
  readonly name: string;
  /** A variable of the pages' style. */
  readonly colour: "blue" | "green" | "red" | "amber";
  /** In the order of time; null where nobody knows. */
  readonly values: readonly (readonly [at: number, value: number | null])[];
}

export interface Plot {
  /** Another one for each plot of a page. */
  readonly id: string;
  readonly title: string;
  readonly lines: readonly Line[];
  /** Whether the axis begins at zero: of what is done, but not of how many there are. */
  readonly fromZero: boolean;
  /** A value in words. */
  readonly inWords: (value: number) => string;
}

/** What the library writes below a day, a month and a year. */
const dates = { day: "{d} {MMM}", month: "{MMM}", year: "{yyyy}" };

const size = { width: 460, height: 180 };

/** A plot over time as a figure, whose words say what it shows to who does not see it. */
export function plotOf(plot: Plot): Html | undefined {
  const known = plot.lines.filter(({ values }) => values.some(([, value]) => value !== null));
  if (known.length === 0) return undefined;
  const label = known.map((line) => describe(line, plot.inWords)).join("; ");
  return html`<figure>
<figcaption><strong>${plot.title}</strong><br><span class="key">${known.map((line) => keyOf(line, plot.inWords))}</span></figcaption>
<div role="img" aria-label="${plot.title}: ${label}">${trusted(draw({ ...plot, lines: known }))}</div>
</figure>
`;
}

function keyOf({ name, colour, values }: Line, inWords: Plot["inWords"]): Html {
  return html`<b class="${colour}">${name}</b> ${inWords(lastOf(values))} `;
}

function describe({ name, values }: Line, inWords: Plot["inWords"]): string {
  const known = values.flatMap(([, value]) => value ?? []);
  const least = Math.min(...known);
  const most = Math.max(...known);
  return `${name} between ${inWords(least)} and ${inWords(most)}, now ${inWords(lastOf(values))}`;
}

function lastOf(values: Line["values"]): number {
  return values.findLast(([, value]) => value !== null)?.[1] ?? 0;
}

function draw({ id, lines, fromZero, inWords }: Plot): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  const text = { color: "var(--muted)", fontFamily: "system-ui, sans-serif", fontSize: 12 };
  chart.setOption({
    animation: false,
    color: lines.map(({ colour }) => `var(--${colour})`),
    grid: {
      left: 8,
      right: 12,
      top: 10,
      bottom: 8,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "time",
      axisLabel: { ...text, hideOverlap: true, formatter: dates },
      splitNumber: 4,
      axisLine: { lineStyle: { color: "var(--rule)" } },
    },
    yAxis: {
      type: "value",
      scale: !fromZero,
      splitNumber: 3,
      minInterval: 1,
      axisLabel: { ...text, formatter: inWords },
      splitLine: { lineStyle: { color: "var(--rule)" } },
    },
    series: lines.map(({ name, values }) => ({
      type: "line",
      name,
      data: values.map(([at, value]) => [at, value ?? "-"]),
      // A single point is no line.
      showSymbol: values.length < 3,
      symbol: "circle",
      silent: true,
      lineStyle: { width: 1.5 },
      ...(fromZero && { areaStyle: { opacity: 0.12 } }),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return embedded(svg, id);
}

/**
 * For a page with several plots. The library names parts by how many plots it has drawn, which would differ from one
 * drawing to the next, and writes styles for a pointer, to which nothing here reacts.
 */
function embedded(svg: string, id: string): string {
  return svg
    .replaceAll(/<style\s*>.*?<\/style>/gs, "")
    .replaceAll(/ class="[^"]*"| pointer-events="visible"/g, "")
    .replaceAll(/\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1))))
    .replaceAll(/\bzr\d+-/g, `${id}-`)
    .replace("<svg ", '<svg aria-hidden="true" ')
    .replace(/ xmlns="[^"]*" xmlns:xlink="[^"]*" version="[^"]*" baseProfile="full"/, "")
    .replaceAll("\n", "");
}
