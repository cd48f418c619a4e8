import { type Answer, jsonAnswer, type Row } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { errorAnswer, refusalAnswer } from "./error-answer.ts";
import type { SandboxOptions } from "./sandbox-options.ts";
import type { SubscriberList } from "./subscriber-list.ts";
import { SubscriberWrite } from "./subscriber-write.ts";

const maxRows = 20_000;

/** Creates and updates subscribers: all rows, or none if a single address is bad, unless the dialect reports bad rows. */
export function writeRows(list: SubscriberList, { body }: RoutedCall, { options }: Account): Answer {
  const isReported = options.badRows !== "refused";
  const { rows, refusal } = checkRows(body, isReported ? { ...options, acceptsEmail: () => true } : options);
  if (refusal) return refusal;
  const isBad = (row: Row) => isReported && !options.acceptsEmail(emailOf(row));
  const applied = options.badRows === "reported, but applied" ? rows : rows.filter((row) => !isBad(row));
  const write = new SubscriberWrite(list, options);
  for (const row of applied) write.apply(row);
  const errors = rows.flatMap((row, index) => (isBad(row) ? [rowError(row, index + 1, options)] : []));
  return { ...jsonAnswer({ report: { ...write.report, errors } }), rows: applied };
}

function rowError({ email }: Row, line: number, { badRows }: Required<SandboxOptions>): unknown {
  const message = "email is missing or invalid";
  return badRows === "reported as objects" ? { line, email, message } : `L${line}: ${message}`;
}

/** Deletes the addresses that the list has. The answer's shape is not documented. */
export function deleteRows(list: SubscriberList, { body }: RoutedCall, { options }: Account): Answer {
  const { rows, refusal } = checkRows(body, options);
  if (refusal) return refusal;
  const deleted = rows.filter(({ email }) => list.delete(email));
  return jsonAnswer({ report: { errors: [], nb_deleted: deleted.length } });
}

type CheckedRows =
  | { readonly rows: readonly Row[]; readonly refusal?: undefined }
  | { readonly rows?: undefined; readonly refusal: Answer };

function checkRows(body: unknown, { acceptsEmail, errorShape }: Required<SandboxOptions>): CheckedRows {
  if (typeof body !== "object" || body === null) return { refusal: errorAnswer(400, "Invalid request") };
  const rows: unknown[] = Array.isArray(body) ? body : [body];
  if (rows.length > maxRows) {
    return { refusal: refusalAnswer(`${rows.length} lines, the maximum is ${maxRows}`, errorShape) };
  }
  const isGood = (row: unknown): row is Row => acceptsEmail(emailOf(row));
  const badLines = rows.flatMap((row, index) => (isGood(row) ? [] : [index + 1]));
  if (badLines.length === 0) return { rows: rows.filter(isGood) };
  const message =
    errorShape === "cause"
      ? `1 error(s): email is not valid ${emailOf(rows[badLines[0]! - 1])}`
      : `${badLines.length} error(s): ${badLines.map((line) => `L${line}: email is missing or invalid`).join(", ")}`;
  return { refusal: refusalAnswer(message, errorShape) };
}

function emailOf(row: unknown): string {
  const email = typeof row === "object" && row !== null && "email" in row ? row.email : undefined;
  return typeof email === "string" ? email : "";
}
