/** How a curve is drawn, and its name in the legend. */
export interface Look {
  readonly name: string;
  /** An SVG color, to be seen on white. */
  readonly color: string;
  /** A line through the points, or the points alone. */
  readonly mark: "line" | "circle" | "cross";
}

/** Both numbers are above 0, as the axes are logarithmic. */
interface Point {
  readonly x: number;
  readonly y: number;
}

interface Curve extends Look {
  readonly points: readonly Point[];
}

/** One of several plots side by side. */
export interface Panel {
  /** What y is, with its unit. */
  readonly label: string;
  readonly curves: readonly Curve[];
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  /** All with the same curves, as there is one legend. */
  readonly panels: readonly Panel[];
}

/** The ticks of an axis, and the place of a number on it. */
interface Axis {
  readonly ticks: readonly number[];
  at(number: number): number;
}

// All lengths are pixels.
const panelWidth = 340;
const panelHeight = 260;
const left = 70;
const gap = 90;
const top = 98;
const bottom = 64;
const right = 30;
const legendGap = 36;
const ink = "#111827";
const gridColor = "#e5e7eb";

/** Draws panels side by side as an SVG, on white so that it can be read on a dark page too. */
export function drawPlot({ title, xLabel, panels }: Plot): string {
  const width = left + panels.length * panelWidth + (panels.length - 1) * gap + right;
  const height = top + panelHeight + bottom;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` role="img" font-family="sans-serif" font-size="12" fill="${ink}">`,
    `\n<title>${title}</title>`,
    `\n<rect width="${width}" height="${height}" rx="6" fill="#ffffff"/>`,
    text({ x: left, y: 28 }, title, 'font-size="15" font-weight="bold"'),
    ...drawLegend(panels[0]?.curves ?? []),
    ...panels.flatMap((panel, index) => drawPanel(panel, xLabel, left + index * (panelWidth + gap))),
    "\n</svg>\n",
  ].join("");
}

function drawLegend(looks: readonly Look[]): string[] {
  let x = left;
  return looks.flatMap(({ name, color, mark }) => {
    const sample =
      mark === "line"
        ? [
            { x, y: 50 },
            { x: x + 22, y: 50 },
          ]
        : [{ x: x + 11, y: 50 }];
    const drawn = [...drawMarks(sample, { color, mark }), text({ x: x + 28, y: 54 }, name)];
    // Sans-serif letters are about half as wide as they are high.
    x += 28 + name.length * 6 + legendGap;
    return drawn;
  });
}

function drawPanel({ label, curves }: Panel, xLabel: string, x: number): string[] {
  const points = curves.flatMap((curve) => curve.points);
  const horizontal = horizontalAxis(points, x);
  const vertical = verticalAxis(points);
  const middle = { x: x + panelWidth / 2, y: top + panelHeight + 44 };
  const place = (point: Point): Point => ({ x: horizontal.at(point.x), y: vertical.at(point.y) });
  return [
    ...drawGrid(horizontal, vertical, x),
    text({ x: x - 44, y: top - 18 }, label, 'font-weight="bold"'),
    text(middle, xLabel, 'text-anchor="middle"'),
    ...curves.flatMap((curve) => drawMarks(curve.points.map(place), curve)),
  ];
}

function drawGrid(horizontal: Axis, vertical: Axis, x: number): string[] {
  const end = x + panelWidth;
  const foot = top + panelHeight;
  return [
    ...vertical.ticks.flatMap((tick) => {
      const y = vertical.at(tick);
      return [
        line({ x, y }, { x: end, y }),
        text({ x: x - 8, y: y + 4 }, compact(tick), 'text-anchor="end"'),
      ];
    }),
    ...horizontal.ticks.flatMap((tick) => {
      const at = horizontal.at(tick);
      return [
        line({ x: at, y: top }, { x: at, y: foot }),
        text({ x: at, y: foot + 20 }, compact(tick), 'text-anchor="middle"'),
      ];
    }),
  ];
}

function drawMarks(points: readonly Point[], { color, mark }: Pick<Look, "color" | "mark">): string[] {
  const stroke = `fill="none" stroke="${color}" stroke-width="2"`;
  switch (mark) {
    case "line": {
      const path = points.map(({ x, y }) => `${round(x)},${round(y)}`).join(" ");
      const dots = points.map(
        ({ x, y }) => `\n<circle cx="${round(x)}" cy="${round(y)}" r="3" fill="${color}"/>`,
      );
      return [`\n<polyline points="${path}" ${stroke}/>`, ...dots];
    }
    case "circle":
      return points.map(({ x, y }) => `\n<circle cx="${round(x)}" cy="${round(y)}" r="6" ${stroke}/>`);
    case "cross":
      return points.map(
        ({ x, y }) => `\n<path d="M${round(x)} ${round(y)}m-5-5l10 10m0-10l-10 10" ${stroke}/>`,
      );
  }
}

/** Its ticks are the numbers themselves, with some space before the first and after the last. */
function horizontalAxis(points: readonly Point[], x: number): Axis {
  const ticks = [...new Set(points.map((point) => point.x))].toSorted((one, other) => one - other);
  const position = logarithmic(ticks[0]! / 1.5, ticks.at(-1)! * 1.5);
  return { ticks, at: (number) => x + panelWidth * position(number) };
}

/** Its ticks are 1, 2 and 5 times powers of ten, from the last below all points to the first above them. */
function verticalAxis(points: readonly Point[]): Axis {
  const least = Math.min(...points.map(({ y }) => y));
  const greatest = Math.max(...points.map(({ y }) => y));
  const lowest = Math.floor(Math.log10(least));
  const powers = Array.from({ length: Math.ceil(Math.log10(greatest)) - lowest + 1 }, (_, n) => lowest + n);
  const candidates = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const first = candidates.findLastIndex((tick) => tick <= least);
  const last = candidates.findIndex((tick) => tick > greatest);
  const ticks = candidates.slice(first, last + 1);
  const position = logarithmic(ticks[0]!, ticks.at(-1)!);
  return { ticks, at: (number) => top + panelHeight * (1 - position(number)) };
}

/** @returns a number's position between the two, from 0 to 1 */
function logarithmic(lowest: number, highest: number): (number: number) => number {
  return (number) => Math.log(number / lowest) / Math.log(highest / lowest);
}

function line(from: Point, to: Point): string {
  const ends = `x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}"`;
  return `\n<line ${ends} stroke="${gridColor}"/>`;
}

function text({ x, y }: Point, content: string, attributes = ""): string {
  return `\n<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${content}</text>`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** As `--size` takes it: 10k, 1m. */
function compact(number: number): string {
  if (number >= 1_000_000) return `${number / 1_000_000}m`;
  return number >= 10_000 ? `${number / 1000}k` : number.toLocaleString("en-US");
}
