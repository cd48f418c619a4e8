/** How wide a text for a person may be: as the terminal, or 80 columns where there is none. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return Math.max(60, columns || 80);
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
