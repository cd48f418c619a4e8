import { counted, inDigits } from "../platform/run-summary.ts";
import { costOf } from "./cost.ts";
import { type Html, html } from "./html.ts";
import { linkTo, type Runbook, stepFor } from "./next-steps.ts";
import { section } from "./plan-sections.ts";
import { scrolled } from "./scrolled.ts";
import type { ShownReport } from "./shown-report.ts";
import { durationOf, whoActs } from "./words.ts";

/** What failed, and who acts. */
export function failureOf({ error, check }: ShownReport, runbook: Runbook): Html | undefined {
  // Then all that the error says stands under what exceeds a limit.
  const isTold = error?.actor === "approver" && (check?.refusals ?? []).length > 0;
  if (error === undefined || isTold) return undefined;
  const who = whoActs(error.actor);
  return html`<section class="failure">
<h2>${error.name}</h2>
<p>${error.message}</p>
<p><strong>${who}</strong> What to do: ${linkTo(error.name, runbook)}</p>
</section>
`;
}

/** What of a plan waits for a person, or would have to, and the event that approves it. */
export function waitingOf(
  report: ShownReport,
  links: { readonly runbook: Runbook; readonly plan?: Html | undefined },
) {
  const { check } = report;
  const refusals = check?.refusals ?? [];
  if (refusals.length === 0) return undefined;
  return html`<section class="waiting">
<h2>What exceeds a limit</h2>
<ul>${refusals.map(({ limit, message }) => html`<li><strong>${limit}</strong>: ${message}</li>`)}</ul>
${
  check?.event &&
  html`<p>If that is right, this event approves it:</p>
<pre>${JSON.stringify(check.event)}</pre>`
}
<p>${links.plan && html`${links.plan} · `}what to do: ${linkTo("A plan was refused", links.runbook)}</p>
</section>
`;
}

/** The files of an import, or of the archive. */
export function filesOf({ files = [] }: ShownReport): Html | undefined {
  if (files.length === 0) return undefined;
  const rows = files.map(
    ({ group, event, date, rows: count, bytes, outcome, reason, announced, import: answer }) => html`
<tr><th scope="row">${event ?? group}${date !== undefined && html` <span class="muted">${date}</span>`}</th>
<td class="number">${count === undefined ? "–" : inDigits(count)}</td>
<td class="number wide">${bytes === undefined ? "–" : inDigits(bytes)}</td>
<td>${outcome ?? (announced ? `announced; ${answer?.status ?? "no answer"}` : "not announced")}${
      reason !== undefined && html`<br><small>${reason}</small>`
    }</td></tr>`,
  );
  const caption = counted(files.length, "file");
  const table = html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">file</th><th scope="col" class="number">rows</th>
<th scope="col" class="number wide">bytes</th><th scope="col">what became of it</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
  return section("Files", scrolled(caption, table));
}

export function notesOf({ notes = [], firstPlan }: ShownReport, runbook: Runbook): Html | undefined {
  const all = firstPlan?.problem === undefined ? notes : [...notes, firstPlan.problem];
  if (all.length === 0) return undefined;
  const rows = all.map((note) => {
    const step = stepFor(note, runbook);
    return html`
<li>${note}${step && html` <small class="muted">→ ${step}</small>`}</li>`;
  });
  return section("Notes", html`<ul>${rows}</ul>`);
}

/** Time, requests, and what Lambda takes for the time. */
export function effortOf({ ms, requests }: ShownReport, memoryMb: number | undefined): Html | undefined {
  const cost = ms === undefined || memoryMb === undefined ? undefined : costOf(ms, memoryMb);
  const repeated = requests?.retried
    ? `, of which ${inDigits(requests.retried)} repeated an earlier one`
    : "";
  const rows = [
    ms !== undefined && html`<dt>time</dt><dd>${durationOf(ms)}</dd>`,
    requests?.sent !== undefined &&
      html`<dt>requests to the provider</dt><dd>${inDigits(requests.sent)}${repeated}</dd>`,
    cost && html`<dt>cost</dt><dd>${cost.text}<br><small class="muted">${cost.how}</small></dd>`,
  ].filter(Boolean);
  return rows.length === 0 ? undefined : section("Effort", html`<dl>${rows}</dl>`);
}
