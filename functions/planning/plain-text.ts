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

/** More than any language puts on one letter. Further ones take a column each: else a text without end could take none. */
const mostMarks = 4;

/** How many columns a terminal gives a text. */
export function columnsOf(text: string): number {
  let sum = 0;
  for (const [, columns] of charactersOf(text)) sum += columns;
  return sum;
}

/** The characters of a text, and how many columns each adds. */
function* charactersOf(text: string): Generator<[character: string, columns: number]> {
  let marks = 0;
  for (const character of text) {
    marks = mark.test(character) ? marks + 1 : 0;
    const isOnAnother = marks > 0 && marks <= mostMarks;
    yield [character, isOnAnother ? 0 : wide.test(character) ? 2 : 1];
  }
}

/** The beginning of a text that is too long, with an ellipsis. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  const ellipsis = "…";
  let left = width - columnsOf(ellipsis);
  let end = 0;
  for (const [character, columns] of charactersOf(text)) {
    left -= columns;
    if (left < 0) break;
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
