import { type Html, html } from "./html.ts";
import { scrolled } from "./scrolled.ts";

/** All that a report says, by the names that docs/report.md explains, behind a fold. */
export function everyNumber(report: unknown): Html {
  const rows = leavesOf(report, "").map(
    ([path, value]) => html`
<tr><th scope="row"><code>${path}</code></th><td>${value}</td></tr>`,
  );
  const table = html`<table class="stack">
<caption>By the names that docs/report.md explains</caption>
<thead><tr><th scope="col">name</th><th scope="col">value</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
  return html`<section>
<details>
<summary>Every number of the report</summary>
${scrolled("Every number of the report", table)}
</details>
</section>
`;
}

function leavesOf(value: unknown, path: string): [path: string, value: string][] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, part]) => {
    const step = Array.isArray(value) ? `[${name}]` : name;
    return leavesOf(part, path === "" || Array.isArray(value) ? path + step : `${path}.${step}`);
  });
}
