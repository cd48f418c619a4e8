import { type Html, html } from "./html.ts";

/** What a note begins with or says, and the heading of the runbook that says what to do about it. */
const steps: readonly (readonly [says: RegExp, heading: string])[] = [
  [/waits? for a person|exceeds? a limit/, "A plan was refused"],
  [/provider refused/, "Rows that the provider refused"],
  [/set aside|nobody's/, "Rows in the quarantine"],
  [/returns?|the database (was told|did not take)/, "The database does not take returns"],
];

/** Where the runbook is: the link that alarms have, too. */
export type Runbook = string | undefined;

/** What a person does about a note; undefined if it only tells. */
export function stepFor(note: string, runbook: Runbook): Html | undefined {
  const [, heading] = steps.find(([says]) => says.test(note)) ?? [];
  return heading === undefined ? undefined : linkTo(heading, runbook);
}

/** A link to a heading of the runbook, or its place in the project if it has no address of its own. */
export function linkTo(heading: string, runbook: Runbook): Html {
  const anchor = heading.toLowerCase().replaceAll("'", "").replaceAll(" ", "-");
  if (runbook === undefined) return html`<code>docs/runbook.md#${anchor}</code>`;
  return html`<a href="${runbook}#${anchor}">${heading}</a>`;
}
