import type { Group, PlanSummary } from "../domain/plan.ts";
import { countsInWords, inDigits } from "../platform/run-summary.ts";
import { columnsOf, cut, pad, wrap } from "./plain-text.ts";
import {
  countKept,
  headlineOf,
  type Samples,
  type ShownGroup,
  type ShownRow,
  shownGroups,
} from "./shown-plan.ts";

export interface RenderOptions {
  /** No line is longer, in columns. */
  readonly width: number;
  /** Colours a part of the text, for a terminal. @default the text as it is */
  readonly paint?: (role: Group | "headline" | "kept" | "reason", text: string) => string;
}

/**
 * A plan for a person: its numbers, then the first rows of each group with their reasons and values, and why readers are
 * kept. Numbers are never cut.
 */
export function renderPlan(plan: PlanSummary, samples: Samples, options: RenderOptions): string {
  const { width, paint = unpainted } = options;
  const headline = paint("headline", wrap(headlineOf(plan), { width, indent: 0 }));
  const tables = shownGroups(plan, samples).map(
    (shown) => `${paint(shown.group, shown.title)}\n${renderRows(shown, options)}`,
  );
  const kept = countKept(plan);
  const reasons = wrap(countsInWords(plan.kept), { width, indent: 2 });
  const keptTable = kept > 0 ? [`${paint("kept", `kept: ${inDigits(kept)}`)}\n  ${reasons}`] : [];
  return [headline, ...tables, ...keptTable].join("\n\n");
}

/** The rows of a group in columns; where any is too long for that, each in several lines. What is still too long is cut. */
export function renderRows({ rows, total }: ShownGroup, options: RenderOptions): string {
  const layout = new RowLayout(rows, options);
  const more = total > rows.length ? [`  … and ${inDigits(total - rows.length)} more`] : [];
  return [...rows.map((row) => layout.linesOf(row)), ...more].join("\n");
}

class RowLayout {
  readonly #width: number;
  readonly #paint: NonNullable<RenderOptions["paint"]>;
  readonly #addressWidth: number;
  readonly #reasonWidth: number;
  readonly #fits: boolean;

  constructor(rows: readonly ShownRow[], { width, paint = unpainted }: RenderOptions) {
    const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(columnsOf));
    this.#width = width;
    this.#paint = paint;
    this.#addressWidth = widest(rows.map(({ address }) => address));
    this.#reasonWidth = widest(rows.map(({ reason }) => reason));
    const separators = 6;
    const values = widest(rows.map((row) => row.values));
    this.#fits = separators + this.#addressWidth + this.#reasonWidth + values <= width;
  }

  linesOf(row: ShownRow): string {
    return this.#fits ? this.#inColumns(row) : this.#inLines(row);
  }

  #inColumns({ address, reason, values }: ShownRow): string {
    const padding = " ".repeat(this.#reasonWidth - columnsOf(reason));
    const painted = this.#paint("reason", reason);
    return `  ${pad(address, this.#addressWidth)}  ${painted}${padding}  ${values}`.trimEnd();
  }

  #inLines({ address, reason, values }: ShownRow): string {
    const width = this.#width;
    const isShort = columnsOf(address) + columnsOf(reason) + 4 <= width;
    const painted = this.#paint("reason", cut(reason, width - 4));
    return [
      `  ${cut(address, width - 2)}${isShort ? `  ${painted}` : ""}`,
      ...(isShort ? [] : [`    ${painted}`]),
      ...(values === "" ? [] : [`    ${cut(values, width - 4)}`]),
    ].join("\n");
  }
}

function unpainted(_: string, text: string): string {
  return text;
}
