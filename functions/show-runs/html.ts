import { plain } from "../planning/plain-text.ts";

/** Markup. Only {@link html} makes it of texts. */
export interface Html {
  readonly markup: string;
}

/** What may stand in a page: nothing of `undefined` and `false`, so that a part may be left out. */
type Part = Html | string | number | false | undefined | readonly Part[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes markup of a template. Whatever is put in is text, unless it is markup itself: no text can become a tag or leave an attribute. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: strings.reduce((before, after, index) => before + markupOf(parts[index - 1]) + after) };
}

/** Markup of ours, or of a library, that no text of another origin has gone into. */
export function trusted(markup: string): Html {
  return { markup };
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "object") return "markup" in part ? part.markup : part.map(markupOf).join("");
  return plain(String(part)).replace(/[&<>"']/g, (character) => escapes[character]!);
}
