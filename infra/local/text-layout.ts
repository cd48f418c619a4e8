import { stripVTControlCharacters } from "node:util";

/** How wide a text for a person may be: as the terminal, or 80 columns where there is none. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return Math.max(60, columns || 80);
}

/** Values come from a database: none of them may control the terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, " ");
}

export function columnsOf(text: string): number {
  return [...text].length;
}

/** The beginning of a text that is too long, with an ellipsis. */
export function cut(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

/** Exactly so many columns. */
export function pad(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + " ".repeat(width - columnsOf(shown));
}

/**
 * Breaks a text between words, for a place that is `indent` columns from the left, but not before a number, which
 * belongs to the word before it. A word that is too long, as an event may be, is not broken: so it can be copied.
 */
export function wrap(
  text: string,
  { width, indent }: { readonly width: number; readonly indent: number },
): string {
  const [first = "", ...words] = text.split(/ (?!\d)/);
  const lines = [first];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= width - indent) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}
