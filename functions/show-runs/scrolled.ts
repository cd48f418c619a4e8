import { type Html, html } from "./html.ts";

/** A table that may be wider than the page. It can be reached with the keyboard, as not every browser lets one scroll else. */
export function scrolled(label: string, table: Html): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">${table}</div>`;
}
