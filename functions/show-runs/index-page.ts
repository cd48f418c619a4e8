import { runPageKey } from "../platform/storage/page-keys.ts";
import { badgeOf } from "./badge.ts";
import { type Html, html } from "./html.ts";
import { plotsOf } from "./index-plots.ts";
import { documentOf } from "./page.ts";
import { mayHaveActed, type RunIndex, type RunRecord, type Subject } from "./run-index.ts";
import { howStarted, startOf, timeOf, withoutSubject } from "./words.ts";

/** Of more lists than this, each is behind a fold. */
const mostUnfolded = 4;

/** All lists with their last runs, and plots of what became of them. It holds counts, and no address. */
export function indexPage(index: RunIndex): Buffer {
  const subjects = Object.entries(index.subjects)
    .map(([key, subject]) => ({ ...nameOf(key), ...subject }))
    .toSorted(
      (one, other) => compare(one.subject, other.subject) || compare(one.functionName, other.functionName),
    );
  const body = html`<header>
<h1>Newsletter runs</h1>
<p class="muted">The last run of each list, and what became of all runs of the last 400 days. Times and days are UTC.</p>
</header>
<main>
${overview(subjects)}
${subjects.map((subject, number) => details(subject, number, subjects.length <= mostUnfolded))}
</main>
<footer><p>These pages hold counts and names. Addresses are only in the pages of plans, which expire with them.</p></footer>`;
  return documentOf({ title: "Newsletter runs", body, revision: index.revision });
}

interface NamedSubject extends Subject {
  readonly functionName: string;
  readonly subject: string;
}

function nameOf(key: string) {
  const [functionName = "", subject = ""] = key.split("/");
  return { functionName, subject };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function overview(subjects: readonly NamedSubject[]): Html {
  const rows = subjects.map((each, number) => {
    const { subject, functionName, last, look } = each;
    const acted = last.find(mayHaveActed);
    const shown = acted ?? look ?? last[0];
    return html`
<tr><th scope="row"><a href="#list-${number}">${subject}</a><br><small class="muted time">${functionName}</small></th>
<td>${shown && html`${badgeOf(shown)}<br><small>${linkTo(each, shown)}</small>`}</td>
<td>${shown && withoutSubject(shown.summary, subject)}${look && acted && aheadOf(each, look)}</td></tr>`;
  });
  return html`<section>
<h2>Lists</h2>
<table class="stack">
<thead><tr><th scope="col">list</th><th scope="col">last run</th><th scope="col">what it did</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</section>
`;
}

/** What the next run will do, if the last look is the last word; or that it could not be seen. */
function aheadOf(subject: NamedSubject, look: RunRecord): Html | false {
  if (look.run !== subject.last[0]?.run) return false;
  const opening =
    look.outcome === "failed" ? "What the next run will do could not be seen" : "What the next run will do";
  return html`<br><small class="muted">${opening}, as of ${linkTo(subject, look)}: ${withoutSubject(look.summary, subject.subject)}</small>`;
}

function details(subject: NamedSubject, number: number, isOpen: boolean): Html {
  const { functionName, subject: list, last } = subject;
  const rows = last.map(
    (record) => html`
<tr><th scope="row">${linkTo(subject, record)}</th><td>${badgeOf(record)}</td>
<td class="wide">${record.startedBy && howStarted(record.startedBy)}</td><td>${withoutSubject(record.summary, list)}</td></tr>`,
  );
  // A browser opens the fold that a link leads into.
  return html`<section>
<details class="printed"${isOpen && html` open`}>
<summary><h2>${list} <span class="muted">· ${functionName}</span></h2></summary>
<div class="plots" id="list-${number}">${plotsOf(subject, number)}</div>
<table class="stack">
<caption>The last runs</caption>
<thead><tr><th scope="col">run</th><th scope="col">outcome</th><th scope="col" class="wide">started</th><th scope="col">summary</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</details>
</section>
`;
}

function linkTo({ functionName, subject }: NamedSubject, { run, page }: RunRecord): Html {
  const text = timeOf(startOf(run).toISOString());
  const { length } = "reports/";
  return page
    ? html`<a class="time" href="${runPageKey({ functionName, subject, runId: run }).slice(length)}">${text}</a>`
    : html`<span class="time">${text}</span>`;
}
