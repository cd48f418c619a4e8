import { type Html, html } from "./html.ts";
import type { RunRecord } from "./run-index.ts";

/** The outcome in a word, and a colour that says nothing else. A look that went well is no run that did something. */
export function badgeOf({
  outcome,
  actor,
  look,
}: {
  readonly outcome?: RunRecord["outcome"];
  readonly actor?: string | undefined;
  readonly look?: boolean | undefined;
}): Html {
  if (outcome === "failed" && actor === "approver")
    return html`<span class="badge waits">waits for a person</span>`;
  if (outcome === undefined) return html`<span class="badge">unknown outcome</span>`;
  if (outcome === "succeeded" && look) return html`<span class="badge">only looked</span>`;
  return html`<span class="badge ${outcome}">${outcome}</span>`;
}
