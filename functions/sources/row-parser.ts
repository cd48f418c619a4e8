import { SourceError } from "../domain/errors.ts";
import type { QuarantinedRow } from "../domain/quarantined-row.ts";
import type { DesiredSubscriber, Fields } from "../domain/subscriber.ts";
import { parseInstant } from "../platform/parse-instant.ts";
import type { SourceRow } from "./source.ts";

/** Parses the rows of a source. */
export interface RowParser {
  /** The columns that become fields, in the source's order: `guid` and `data_*`. */
  readonly fieldColumns: readonly string[];
  /**
   * @param placeOf names the row in messages
   * @returns a QuarantinedRow when the row cannot be anyone's
   * @throws SourceError naming the place and the column of a value that cannot be parsed
   */
  parse(row: SourceRow, placeOf: () => string): DesiredSubscriber | QuarantinedRow;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const fixedColumns = ["email", "subscribed", "unsubscribed_cause", "guid", "consented_at"];
const allowedColumns = `${fixedColumns.join(", ")} and data_*`;
const maxEmailLength = 1000;
const shortenedEmailLength = 100;
/** What a message may show: anything else may be a value, in a file whose header has lost its line break. */
const plainName = /^[\p{L}\p{M}\p{N}_ -]{1,40}$/u;
const answers: ReadonlyMap<string, boolean> = new Map([
  ...["", "true", "t", "1", "yes", "y"].map((word) => [word, true] as const),
  ...["false", "f", "0", "no", "n"].map((word) => [word, false] as const),
]);

/**
 * Creates the parser for these columns. Their names are trimmed, and case matters only in `data_*`.
 *
 * @param timeZone of times without an offset
 * @throws SourceError for a column that is missing, unknown or repeated
 */
export function createRowParser(columns: readonly string[], timeZone: string): RowParser {
  const positions = positionsOf(columns);
  const textIn = (column: string) => textAt(positions.get(column));
  const emailOf = textIn("email");
  const subscribedOf = textIn("subscribed");
  const causeOf = textIn("unsubscribed_cause");
  const consentedAtOf = textIn("consented_at");
  const fieldColumns = [...positions.keys()].filter((name) => name === "guid" || name.startsWith("data_"));
  const fieldReaders = fieldColumns.map((name) => ({
    name,
    textOf: textIn(name),
    isTrimmed: name === "guid",
  }));

  function fieldsOf(row: SourceRow): Fields {
    const fields: Record<string, string> = {};
    for (const { name, textOf, isTrimmed } of fieldReaders) {
      const value = isTrimmed ? textOf(row).trim() : textOf(row);
      if (value !== "") fields[name] = value;
    }
    return fields;
  }

  function parse(row: SourceRow, placeOf: () => string): DesiredSubscriber | QuarantinedRow {
    const email = emailOf(row).trim();
    if (email === "") return { email, reason: "email is empty", place: placeOf() };
    if (email.length > maxEmailLength) {
      const reason = `email is longer than ${maxEmailLength} characters`;
      return { email: email.slice(0, shortenedEmailLength), reason, place: placeOf() };
    }
    const subscribed = parseAnswer(subscribedOf(row), placeOf);
    const subscriber: Writable<DesiredSubscriber> = {
      email,
      subscribed,
      fields: fieldsOf(row),
    };
    if (!subscribed)
      subscriber.cause = causeOf(row).trim().toUpperCase() === "READER" ? "READER" : "PUBLISHER";
    const consentedAt = consentedAtOf(row).trim();
    if (consentedAt !== "") subscriber.consentedAt = parseConsent(consentedAt, { timeZone, placeOf });
    return subscriber;
  }

  return { fieldColumns, parse };
}

function textAt(position: number | undefined): (row: SourceRow) => string {
  return position === undefined ? () => "" : (row) => row[position] ?? "";
}

function positionsOf(columns: readonly string[]): Map<string, number> {
  const names = columns.map(canonicalName);
  // Checked first: the first line of a file without a header holds addresses, which no message may show.
  if (!names.includes("email"))
    throw new SourceError("its columns", `none of the ${names.length} is named email`);
  const positions = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    if (positions.has(name)) throw new SourceError(`column ${position + 1}`, `${shown(name)} occurs twice`);
    if (!isKnown(name)) throw unknownColumn(name, position);
    positions.set(name, position);
  }
  return positions;
}

function canonicalName(column: string): string {
  const name = column.trim();
  return fixedColumns.find((fixed) => fixed === name.toLowerCase()) ?? name;
}

function isKnown(name: string): boolean {
  return fixedColumns.includes(name) || /^data_./.test(name);
}

function unknownColumn(name: string, position: number): SourceError {
  const place = `column ${position + 1}`;
  if (name === "") return new SourceError(place, "has no name: does each line end with an extra delimiter?");
  if (!plainName.test(name)) return new SourceError(place, `${shown(name)} is not one of ${allowedColumns}`);
  const field = `data_${name.replace(/^data_/i, "")}`;
  const hint = isKnown(field) ? `. To send it as a field of the reader, name it ${field}` : "";
  return new SourceError(place, `"${name}" is not one of ${allowedColumns}${hint}`);
}

function shown(name: string): string {
  return plainName.test(name) ? `"${name}"` : "its name, which is not shown as it may be a value,";
}

function parseAnswer(value: string, placeOf: () => string): boolean {
  const answer = answers.get(value) ?? answers.get(value.trim().toLowerCase());
  if (answer !== undefined) return answer;
  const expected = "expected true, t, 1, yes, y, false, f, 0, no, n or nothing";
  throw new SourceError(`${placeOf()}, column subscribed`, expected);
}

function parseConsent(
  value: string,
  { timeZone, placeOf }: { timeZone: string; placeOf: () => string },
): number {
  const instant = parseInstant(value, timeZone);
  if (instant !== undefined) return instant;
  const expected = "expected a time such as 2026-01-31T08:30:00+01:00, or nothing";
  throw new SourceError(`${placeOf()}, column consented_at`, expected);
}
