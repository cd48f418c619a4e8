import { type Answer, jsonAnswer, type Row } from "../answer.ts";
import type { RoutedCall } from "../route.ts";
import type { Account } from "./account.ts";
import { errorAnswer, refusalAnswer } from "./error-answer.ts";
import type { SandboxOptions } from "./sandbox-options.ts";
import type { SubscriberList } from "./subscriber-list.ts";
import { SubscriberWrite } from "./subscriber-write.ts";

const maxRows = 20_000;

/** Creates and updates subscribers: all rows, or none if a single address is bad. */
export function writeRows(list: SubscriberList, { body }: RoutedCall, { options }: Account): Answer {
  const { rows, refusal } = checkRows(body, options);
  if (refusal) return refusal;
  const write = new SubscriberWrite(list, options);
  for (const row of rows) write.apply(row);
  return { ...jsonAnswer({ report: write.report }), rows };
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
