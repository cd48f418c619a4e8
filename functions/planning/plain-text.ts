/** What controls a terminal, hides, or turns the direction of what follows it. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Values come from a database: what cannot be seen in one is named instead, as in `<U+202E>`. It stays on one line. */
export function plain(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase();
    return `<U+${code.padStart(4, "0")}>`;
  });
}

const mark = /^\p{M}$/u;
/** As wide as two letters, in whatever typeface a terminal has. */
const wide =
  /^(?![\uff61-\uffdc])[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]$/u;

/** How many columns a terminal gives a text. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

function columnsOfCharacter(character: string): number {
  if (character < "\u0300" || !mark.test(character)) return wide.test(character) ? 2 : 1;
  return 0;
}

/** The beginning of a text that is too long, with an ellipsis. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  const ellipsis = "…";
  let columns = columnsOf(ellipsis);
  let end = 0;
  for (const character of text) {
    columns += columnsOfCharacter(character);
    if (columns > width) break;
    end += character.length;
  }
  return text.slice(0, end) + ellipsis;
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

/** At least so many columns. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columnsOf(text)));
}
