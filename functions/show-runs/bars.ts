import { inDigits } from "../platform/run-summary.ts";
import { type Html, html } from "./html.ts";

export interface Bar {
  readonly name: string;
  /** What the name means, for who has not read the manual. */
  readonly meaning?: string | undefined;
  readonly count: number | undefined;
}

export interface Bars {
  readonly caption: string;
  readonly rows: readonly Bar[];
  /** What a full bar is. @default the largest count */
  readonly full?: number;
}

/**
 * A table of counts, each with a bar beside its number, which is for the eye alone. Counts that the report does not have are
 * left out.
 */
export function bars({ caption, rows, full }: Bars): Html | undefined {
  const known = rows.filter(({ count }) => count !== undefined);
  if (known.length === 0) return undefined;
  const most = full ?? Math.max(1, ...known.map(({ count = 0 }) => count));
  return html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">what</th><th scope="col" class="number">how many</th><td class="bar"></td></tr></thead>
<tbody>${known.map((row) => rowOf(row, most))}</tbody>
</table>`;
}

function rowOf({ name, meaning, count = 0 }: Bar, most: number): Html {
  return html`
<tr><th scope="row">${name}${meaning !== undefined && html`<br><small class="muted">${meaning}</small>`}</th>
<td class="number">${inDigits(count)}</td>${barOf(count, most)}</tr>`;
}

/** @param tone of a bar that warns */
export function barOf(count: number, most: number, tone = ""): Html {
  const share = Math.min(100, (100 * count) / Math.max(1, most));
  return html`<td class="bar"><i class="${count === 0 ? "none" : tone}" style="width:${share.toFixed(1)}%"></i></td>`;
}
