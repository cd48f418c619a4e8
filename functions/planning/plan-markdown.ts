import { groupCounts, type PlanSummary } from "../domain/plan.ts";
import { inDigits } from "../platform/run-summary.ts";
import type { Waiting } from "./do-the-rest.ts";
import { renderRows } from "./render-plan.ts";
import { countKept, headlineOf, type Samples, shownGroups } from "./shown-plan.ts";

/** Wide enough for an address beside its reason, and still to be read in an editor. */
const width = 116;

/**
 * A plan as a page for a person: its numbers, what of it waits and the event that approves it, the first rows of each group
 * with their reasons, and what is kept. Rows stand in indented blocks: nothing in those is Markdown.
 */
export function planMarkdown(plan: PlanSummary, samples: Samples, waiting: Waiting): string {
  const { list, planId, createdAt, sourceReadAt, expiresAt } = plan;
  const parts = [
    `# ${list}: ${headlineOf(plan)}`,
    `Plan ${planId}, made at ${createdAt} for the database as it was at ${sourceReadAt}. It can be approved until ` +
      `${expiresAt}.`,
    ...checkOf(plan, waiting),
    ...shownGroups(plan, samples).flatMap((shown) => [
      `## ${shown.title}`,
      indented(renderRows(shown, { width })),
    ]),
    ...keptOf(plan),
  ];
  return `${parts.join("\n\n")}\n`;
}

function checkOf(plan: PlanSummary, { refusals, event }: Waiting): string[] {
  if (Object.values(groupCounts(plan)).every((count) => count === 0)) return [];
  const approval = indented(JSON.stringify(event));
  if (refusals.length === 0) {
    return ["It exceeds no limit. If its own run does not apply it, this event does:", approval];
  }
  const exceeded = refusals.map(
    ({ limit, groups, message }) => `- limit \`${limit}\` (${groups.join(", ")}): ${message}`,
  );
  return [
    "## What waits for a person",
    exceeded.join("\n"),
    "If that is right, this event approves it:",
    approval,
  ];
}

function keptOf(plan: PlanSummary): string[] {
  const total = countKept(plan);
  if (total === 0) return [];
  const reasons = Object.entries(plan.kept).filter(([, count]) => count > 0);
  const listed = reasons.map(([reason, count]) => `- \`${reason}\`: ${inDigits(count)}`);
  return [`## kept: ${inDigits(total)}`, listed.join("\n")];
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
