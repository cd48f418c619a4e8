import { reportKey } from "../platform/storage/object-keys.ts";
import type { ReportName } from "../platform/storage/page-keys.ts";
import { badgeOf } from "./badge.ts";
import { everyNumber } from "./every-number.ts";
import { type Html, html } from "./html.ts";
import type { Runbook } from "./next-steps.ts";
import { documentOf } from "./page.ts";
import { planSections } from "./plan-sections.ts";
import { effortOf, failureOf, filesOf, notesOf, waitingOf } from "./run-sections.ts";
import { isLook, type ReadReport, type ShownReport } from "./shown-report.ts";
import { howStarted, startOf, timeOf, withoutSubject } from "./words.ts";

/** What a page needs to know beside its report. */
export interface RunPageOptions {
  readonly runbook: Runbook;
  /** What the function has from Lambda; undefined where that is not known, as on a person's machine. */
  readonly memoryMb: number | undefined;
  /** The key of the page of the run's plan, if it has one. */
  readonly planPage: string | undefined;
}

/** The page of a run: counts and names, and no address. */
export function runPage(
  name: ReportName,
  { report, everything }: ReadReport,
  options: RunPageOptions,
): Buffer {
  const { runbook, memoryMb, planPage } = options;
  const plan = linkToPlan(report, planPage);
  const { functionName, subject, runId } = name;
  const body = html`<header>
<p><a href="../../index.html">All runs</a></p>
<h1>${subject} <span class="muted">· ${functionName}</span></h1>
<p>${badgeOf({ outcome: report.outcome, actor: report.error?.actor, look: isLook(report) })} <span class="muted">${timeOf(startOf(runId).toISOString())}${isLook(report) && ", a look that changes nothing"}</span></p>
<p class="summary">${withoutSubject(report.summary, subject)}</p>
</header>
<main>
${failureOf(report, runbook)}
${waitingOf(report, { runbook, plan })}
${particularsOf(report, name, plan)}
${planSections(report)}
${filesOf(report)}
${notesOf(report, runbook)}
${effortOf(report, memoryMb)}
${everyNumber(everything)}
</main>
<footer><p>Drawn from <a href="${runId}.json">${reportKey(functionName, subject, runId)}</a>, which holds no address. docs/report.md explains the numbers.</p></footer>`;
  return documentOf({ title: `${subject}: ${functionName}, ${timeOf(startOf(runId).toISOString())}`, body });
}

function particularsOf(report: ShownReport, { runId }: ReportName, plan: Html | undefined): Html {
  const { startedBy, approval, sourceReadAt } = report;
  const approved = [approval?.approve?.join(", "), approval?.approvedBy && `by ${approval.approvedBy}`];
  return html`<section>
<h2>The run</h2>
<dl>
<dt>run</dt><dd><code>${runId}</code></dd>
${startedBy !== undefined && html`<dt>started</dt><dd>${howStarted(startedBy)}</dd>`}
${approval && html`<dt>approved</dt><dd>${approved.filter(Boolean).join(" ") || "a plan that exceeds no limit"}</dd>`}
${sourceReadAt !== undefined && html`<dt>database read at</dt><dd>${timeOf(sourceReadAt)}</dd>`}
${plan && html`<dt>plan</dt><dd>${plan}</dd>`}
</dl>
</section>
`;
}

/** Addresses are only there, and expire with the plan. */
function linkToPlan({ planText }: ShownReport, planPage: string | undefined): Html | undefined {
  const key = planPage ?? planText;
  return key === undefined ? undefined : html`<a href="../../../${key}">whom it is about, and why</a>`;
}
