import { groupCounts, type PlanSummary } from "../domain/plan.ts";
import { cut } from "../planning/plain-text.ts";
import { headlineOf, type Samples, type ShownGroup, shownGroups } from "../planning/shown-plan.ts";
import { inDigits } from "../platform/run-summary.ts";
import { type ReportName, runPageKey } from "../platform/storage/page-keys.ts";
import { type Html, html } from "./html.ts";
import type { Runbook } from "./next-steps.ts";
import { documentOf } from "./page.ts";
import { planSections } from "./plan-sections.ts";
import { waitingOf } from "./run-sections.ts";
import { scrolled } from "./scrolled.ts";
import type { ShownReport } from "./shown-report.ts";
import { timeOf } from "./words.ts";

/** A field may hold a whole text: of one that is longer, the page shows the beginning. All of it stands beside the plan. */
const mostColumns = 400;

export interface PlanPageOptions {
  readonly plan: PlanSummary;
  readonly samples: Samples;
  /** Of the run that made the plan. */
  readonly report: ShownReport;
  readonly name: ReportName;
  readonly runbook: Runbook;
}

/** The page of a plan. It holds addresses, behind folds: it stands beside the plan, and expires with it. */
export function planPage({ plan, samples, report, name, runbook }: PlanPageOptions): Buffer {
  const { list, planId, createdAt, sourceReadAt, expiresAt } = plan;
  const body = html`<header>
<p><a href="../../../${runPageKey(name)}">The run</a> · <a href="../../../reports/index.html">All runs</a></p>
<h1>${list} <span class="muted">· a plan</span></h1>
<p class="summary">${headlineOf(plan)}</p>
<p class="muted">This page holds addresses of readers.</p>
</header>
<main>
<section>
<h2>The plan</h2>
<dl>
<dt>plan</dt><dd><code>${planId}</code></dd>
<dt>made at</dt><dd>${timeOf(createdAt)}</dd>
<dt>database read at</dt><dd>${timeOf(sourceReadAt)}</dd>
<dt>can be approved until</dt><dd>${timeOf(expiresAt)}</dd>
</dl>
</section>
${waitingOf(report, { runbook })}
${samplesOf(plan, samples)}
${planSections({ ...report, applied: undefined, returned: undefined })}
</main>
<footer><p>The same as text: <a href="plan.md">plan.md</a>. All rows stand beside it.</p></footer>`;
  return documentOf({ title: `${list}: plan ${planId}`, body });
}

function samplesOf(plan: PlanSummary, samples: Samples): Html {
  const isEmpty = Object.values(groupCounts(plan)).every((count) => count === 0);
  return html`<section>
<h2>Whom it is about, and why</h2>
${isEmpty ? html`<p>Nobody: there is nothing to do.</p>` : shownGroups(plan, samples).map(foldOf)}
</section>
`;
}

function foldOf({ title, total, rows }: ShownGroup): Html {
  const more = total - rows.length;
  const table = html`<table class="stack">
<caption>${more > 0 ? `The first ${inDigits(rows.length)}; ${inDigits(more)} more are not shown` : "All of them"}</caption>
<thead><tr><th scope="col">address</th><th scope="col">reason</th><th scope="col">values</th></tr></thead>
<tbody>${rows.map(
    ({ address, reason, values }) => html`
<tr><th scope="row">${address}</th><td>${cut(reason, mostColumns)}</td><td>${cut(values, mostColumns)}</td></tr>`,
  )}</tbody>
</table>`;
  return html`<details class="printed">
<summary>${title}</summary>
${scrolled(title, table)}
</details>
`;
}
