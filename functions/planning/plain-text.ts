/** What controls a terminal, hides, or turns the direction of what follows it. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Values come from a database: what cannot be seen in one is named instead, as in `<U+202E>`. It stays on one line. */
export function plain(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase();
    return `<U+${code.padStart(4, "0")}>`;
  });
}

export function columnsOf(text: string): number {
  return [...text].length;
}

/** The beginning of a text that is too long, with an ellipsis. */
export function cut(text: string, width: number): string {
  return columnsOf(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

/** At least so many columns. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columnsOf(text)));
}
