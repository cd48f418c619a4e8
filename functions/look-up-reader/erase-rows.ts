import type { ReaderMatcher } from "./reader-matcher.ts";

/** Where a row says whose it is. */
export const addressFields = ["email", "address"] as const;

/**
 * The row without the reader: undefined if it is theirs. What another reader's row says of them is emptied.
 *
 * @returns the same object if it does not mention them
 */
export function withoutReader(row: unknown, matcher: ReaderMatcher): unknown {
  if (isRecord(row) && addressFields.some((name) => isTheirs(row[name], matcher))) return undefined;
  return emptied(row, matcher);
}

function isTheirs(value: unknown, matcher: ReaderMatcher): boolean {
  return typeof value === "string" && (matcher.isReader(value) || matcher.isMentionedIn(value));
}

function emptied(value: unknown, matcher: ReaderMatcher): unknown {
  if (typeof value === "string") return matcher.isMentionedIn(value) ? "" : value;
  if (Array.isArray(value)) return value.map((item) => emptied(item, matcher));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, emptied(inner, matcher)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is left of NDJSON, and how many rows are not as they were. */
export function eraseFromNdjson(
  ndjson: Buffer,
  matcher: ReaderMatcher,
): { readonly ndjson: Buffer; readonly rows: number; readonly erased: number } {
  const lines = ndjson
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  let erased = 0;
  const kept = lines.flatMap((line) => {
    if (!matcher.mayBeIn(Buffer.from(line))) return [line];
    const row = parsed(line);
    const rest = withoutReader(row, matcher);
    const text = rest === undefined ? undefined : JSON.stringify(rest);
    if (text === JSON.stringify(row)) return [line];
    erased++;
    return text === undefined ? [] : [text];
  });
  const left = kept.length === 0 ? "" : `${kept.join("\n")}\n`;
  return { ndjson: Buffer.from(left), rows: kept.length, erased };
}

/** What is none of JSON is one text. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

/** Of a plan's text: the lines of the reader's rows, each with the lines that are indented below it. */
export function eraseFromText(
  text: string,
  matcher: ReaderMatcher,
): { readonly text: string; readonly erased: number } {
  let erased = 0;
  let below = -1;
  const kept = text.split("\n").filter((line) => {
    const indent = line.search(/\S/);
    if (below >= 0 && indent > below) return false;
    below = -1;
    if (!mentions(line, matcher)) return true;
    erased++;
    below = indent;
    return false;
  });
  return { text: kept.join("\n"), erased };
}

/** Long addresses are cut, with an ellipsis. */
function mentions(line: string, matcher: ReaderMatcher): boolean {
  if (matcher.isMentionedIn(line)) return true;
  const [, cut = ""] = /^\s*(\S{20,})…/.exec(line) ?? [];
  return cut !== "" && matcher.canonical.startsWith(cut.normalize("NFC").toLowerCase());
}
