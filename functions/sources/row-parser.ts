import { invisibleCharacterIn } from "../domain/email.ts";
import type { RejectedRow } from "../domain/quarantined-row.ts";
import type { DesiredSubscriber, Fields } from "../domain/subscriber.ts";
import { type ConsentOptions, expectedAnswer, parseAnswer, parseCause, parseConsent } from "./row-values.ts";
import type { SourceRow } from "./source-batch.ts";
import { findColumns } from "./source-columns.ts";

/** Parses the rows of a source. */
export interface RowParser {
  /** Where each column is, in the source's order. */
  readonly positions: ReadonlyMap<string, number>;
  readonly consents: ConsentOptions;
  /** The columns that become fields, in the source's order: `guid` and `data_*`. */
  readonly fieldColumns: readonly string[];
  /** Whether there is a column of consents. */
  readonly givesConsents: boolean;
  /**
   * A row never fails: it is rejected if it cannot be anyone's, and goes without a consent that cannot be.
   *
   * @param placeOf names the row in the quarantine
   */
  parse(row: SourceRow, placeOf: () => string): DesiredSubscriber | RejectedRow;
  /** A row that is not even parsed. */
  reject(row: SourceRow, reason: string, place: string): RejectedRow;
  /** Whether the row has something for a consent, even if that cannot be one. */
  claimsConsent(row: SourceRow): boolean;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export const maxEmailLength = 1000;
const shortenedEmailLength = 100;

/**
 * Creates the parser for these columns. Their names are trimmed, and case matters only in `data_*`.
 *
 * @throws SourceError for a column that is missing, unknown or repeated
 */
export function createRowParser(columns: readonly string[], consents: ConsentOptions): RowParser {
  const positions = findColumns(columns);
  const textIn = (column: string) => textAt(positions.get(column));
  const emailOf = textIn("email");
  const causeOf = textIn("unsubscribed_cause");
  const consentOf = textIn("consented_at");
  const guidOf = textIn("guid");
  const answerOf = answerAt(positions.get("subscribed"));
  const fieldColumns = [...positions.keys()].filter((name) => name === "guid" || name.startsWith("data_"));
  const fieldsOf = fieldsIn(fieldColumns, textIn);

  function reject(row: SourceRow, reason: string, place: string): RejectedRow {
    const email = emailOf(row).trim();
    const guid = guidOf(row).trim();
    return {
      email: email.length > maxEmailLength ? email.slice(0, shortenedEmailLength) : email,
      reason,
      place,
      ...(guid !== "" && guid.length <= maxEmailLength && { guid }),
      unsubscribed: answerOf(row) === "no",
    };
  }

  function parse(row: SourceRow, placeOf: () => string): DesiredSubscriber | RejectedRow {
    const email = emailOf(row).trim();
    const answer = answerOf(row);
    const flaw = answer === "unclear" ? `subscribed: ${expectedAnswer}` : emailFlaw(email);
    if (flaw !== undefined) return reject(row, flaw, placeOf());
    const subscriber: Writable<DesiredSubscriber> = {
      email,
      subscribed: answer === "undecided" ? undefined : answer === "yes",
      fields: fieldsOf(row),
    };
    if (answer === "no") subscriber.cause = parseCause(causeOf(row));
    const consentedAt = parseConsent(consentOf(row), consents);
    if (consentedAt !== undefined) subscriber.consentedAt = consentedAt;
    return subscriber;
  }

  return {
    positions,
    consents,
    fieldColumns,
    givesConsents: positions.has("consented_at"),
    parse,
    reject,
    claimsConsent: (row) => consentOf(row).trim() !== "",
  };
}

/** A guid is trimmed; other values are as the source has them. Empty ones are left out. */
function fieldsIn(
  columns: readonly string[],
  textIn: (column: string) => (row: SourceRow) => string,
): (row: SourceRow) => Fields {
  const readers = columns.map((name) => ({ name, textOf: textIn(name), isTrimmed: name === "guid" }));
  return (row) => {
    const fields: Record<string, string> = {};
    for (const { name, textOf, isTrimmed } of readers) {
      const value = isTrimmed ? textOf(row).trim() : textOf(row);
      if (value !== "") fields[name] = value;
    }
    return fields;
  };
}

/** Without a column, everybody is subscribed. */
function answerAt(position: number | undefined): (row: SourceRow) => ReturnType<typeof parseAnswer> {
  return position === undefined ? () => "yes" : (row) => parseAnswer(row[position] ?? null);
}

function textAt(position: number | undefined): (row: SourceRow) => string {
  return position === undefined ? () => "" : (row) => row[position] ?? "";
}

/** What keeps a text from being an address that anyone could have meant. Whether a provider takes it is not asked here. */
function emailFlaw(email: string): string | undefined {
  if (email === "") return "email is empty";
  if (email.length > maxEmailLength) return `email is longer than ${maxEmailLength} characters`;
  const invisible = invisibleCharacterIn(email);
  // A space separates two addresses, as a rule: no provider takes them, and the eye sees why.
  if (invisible === undefined || invisible === "U+0020") return undefined;
  return `email has an invisible character, ${invisible}`;
}
