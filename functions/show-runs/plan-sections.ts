import { keptReasons } from "../domain/plan.ts";
import { returnKinds } from "../domain/return.ts";
import { inDigits } from "../platform/run-summary.ts";
import { type Bar, barOf, bars } from "./bars.ts";
import { type Html, html } from "./html.ts";
import type { ShownReport } from "./shown-report.ts";
import { fates, keptMeanings, returnMeanings } from "./words.ts";

const changeKinds = ["unsubscribe", "subscribe", "resubscribe", "update"] as const;

/** What both sides held, and what of it differed: the sections that a run has in common with its plan. */
export function planSections(report: ShownReport): (Html | undefined)[] {
  return [bothSides(report), changes(report), returns(report), kept(report), limits(report)];
}

/** A section of a page; none if it has nothing to show. */
export function section(title: string, ...parts: readonly (Html | undefined)[]): Html | undefined {
  if (parts.every((part) => part === undefined)) return undefined;
  return html`<section>
<h2>${title}</h2>
${parts}
</section>
`;
}

function bothSides({ current, desired, oddRows }: ShownReport): Html | undefined {
  const full = Math.max(
    1,
    ...[current?.subscribed, current?.unsubscribed, desired?.subscribed, desired?.unsubscribed].map(
      (count) => count ?? 0,
    ),
  );
  return section(
    "Both sides",
    bars({
      caption: "The provider's list as it was read",
      full,
      rows: [
        { name: "subscribed", count: current?.subscribed },
        { name: "unsubscribed", count: current?.unsubscribed },
        ...some({
          name: "nobody's as they stand",
          meaning: "in the quarantine, by their places",
          count: oddRows,
        }),
      ],
    }),
    bars({
      caption: "The database as it was read",
      full,
      rows: [
        { name: "subscribed", count: desired?.subscribed },
        { name: "unsubscribed", count: desired?.unsubscribed },
        ...some({ name: "undecided", meaning: "“subscribed” is NULL", count: desired?.undecided }),
        ...some({ name: "set aside", meaning: "rows in the quarantine", count: desired?.rejected }),
        ...some({
          name: "duplicates",
          meaning: "rows that gave way to another one",
          count: desired?.duplicates,
        }),
        ...some({ name: "shared guids", meaning: "sent without their guid", count: desired?.sharedGuids }),
        ...some({
          name: "unreadable consents",
          meaning: "count as none",
          count: desired?.unreadableConsents,
        }),
      ],
    }),
  );
}

function changes({ planned, applied, remaining }: ShownReport): Html | undefined {
  if (planned === undefined) return undefined;
  const most = Math.max(1, ...changeKinds.map((kind) => planned[kind] ?? 0));
  const done = applied ?? undefined;
  const rows = changeKinds.map((kind) => {
    const count = planned[kind] ?? 0;
    return html`
<tr><th scope="row">${kind}</th><td class="number">${inDigits(count)}</td>
${done && html`<td class="number">${inDigits(done[kind] ?? 0)}</td>`}
${remaining && html`<td class="number">${inDigits(remaining[kind] ?? 0)}</td>`}
${barOf(count, most)}</tr>`;
  });
  return section(
    "Changes at the provider",
    html`<table>
<caption>By kind; ${inDigits(planned.unchanged ?? 0)} addresses need nothing</caption>
<thead><tr><th scope="col">change</th><th scope="col" class="number">planned</th>
${done && html`<th scope="col" class="number">applied</th>`}
${remaining && html`<th scope="col" class="number">left undone</th>`}
<td class="bar"></td></tr></thead>
<tbody>${rows}</tbody>
</table>`,
    fatesOf(applied),
  );
}

function fatesOf(applied: ShownReport["applied"]): Html | undefined {
  if (applied === undefined) return undefined;
  const names = Object.keys(fates) as (keyof typeof fates)[];
  const rows = names.flatMap((fate) => {
    const [name, meaning] = fates[fate];
    return some({ name, meaning, count: applied[fate] });
  });
  return bars({ caption: "What became of the others", rows });
}

function returns({ planned, returned }: ShownReport): Html | undefined {
  const told = planned?.returns;
  if (told === undefined || returnKinds.every((kind) => !told[kind])) return undefined;
  const rows = returnKinds.flatMap((kind) =>
    some({ name: kind, meaning: returnMeanings[kind], count: told[kind] }),
  );
  return section(
    "Returns to the database",
    bars({ caption: "Readers whom the database is to be told of, by kind", rows }),
    bars({
      caption: "What became of them",
      rows: [
        { name: "taken", meaning: "the database has committed them", count: returned?.taken },
        ...some({ name: "no longer right", count: returned?.stale }),
        ...some({ name: "waiting for a person", count: returned?.waiting }),
        ...some({ name: "not given", count: returned?.left }),
        ...some({ name: "given three times or more, and not taken", count: returned?.notTaken }),
      ],
    }),
  );
}

function kept({ kept: counts }: ShownReport): Html | undefined {
  if (counts === undefined) return undefined;
  const rows = keptReasons.flatMap((reason) =>
    some({ name: reason, meaning: keptMeanings[reason], count: counts[reason] }),
  );
  if (rows.length === 0) return undefined;
  return section(
    "Kept",
    bars({ caption: "Readers who are left as they are although the two sides differ, by reason", rows }),
  );
}

function limits({ check }: ShownReport): Html | undefined {
  if (check?.limits === undefined || check.limits.length === 0) return undefined;
  const exceeded = new Set(check.refusals?.map(({ limit }) => limit));
  const rows = check.limits.map(({ limit, used, allowed }) => {
    // What is used up holds nothing back unless the plan has something that counts against it.
    const isExceeded = exceeded.has(limit);
    const tone = isExceeded ? "full" : used > 0.8 * allowed ? "near" : "";
    return html`
<tr><th scope="row">${limit}${isExceeded && html`<br><small class="red">exceeded</small>`}</th><td class="number">${inDigits(used)}</td>
<td class="number">${inDigits(allowed)}</td>${barOf(used, allowed, tone)}</tr>`;
  });
  return section(
    "Limits",
    html`<table>
<caption>What the plan would do, with what runs did within the last 24 hours, and what is allowed without a person</caption>
<thead><tr><th scope="col">limit</th><th scope="col" class="number">used</th>
<th scope="col" class="number">allowed</th><td class="bar"></td></tr></thead>
<tbody>${rows}</tbody>
</table>`,
  );
}

/** A bar, unless it counts nothing. */
function some(bar: Bar): Bar[] {
  return bar.count === undefined || bar.count === 0 ? [] : [bar];
}
