import type { Planner } from "../domain/diff/planner.ts";
import type { Position } from "../domain/diff/record-arena.ts";
import { sentEmail } from "../domain/email.ts";
import { type Change, type ChangeGroup, kindOf } from "../domain/plan.ts";
import { TextCursor } from "../domain/records/text-cursor.ts";
import type { CsvEncoder } from "./csv-encoder.ts";

const statusColumns = ["subscribed", "unsubscribed_cause"];

/**
 * Writes changes as rows of CSV. A status stands only in the row of an unsubscription: of any other row the provider
 * leaves the status of a known address alone, and subscribes a new one. So no file resubscribes anyone.
 */
export class ChangeRows {
  readonly #planner: Planner;
  readonly #csv: CsvEncoder;
  readonly #fields: readonly string[];
  readonly #cursor = new TextCursor();

  /** @param group of the changes that are to be written */
  constructor(planner: Planner, group: ChangeGroup, csv: CsvEncoder) {
    this.#planner = planner;
    this.#csv = csv;
    this.#fields = fieldsOf(planner, group);
  }

  writeHeader(): void {
    this.#writeRow(["email", ...statusColumns, ...this.#fields]);
  }

  write(entry: Position): void {
    if (this.#planner.isPlainSubscription(entry)) this.#writePlain(entry);
    else this.#writeRow(this.#valuesOf(this.#planner.changeOf(entry)));
  }

  /** Straight from the record's bytes: the row that `#valuesOf` makes of the change. */
  #writePlain(entry: Position): void {
    const csv = this.#csv;
    const { bytes, start } = this.#planner.recordOf(entry);
    const text = this.#cursor.open(bytes, start).read();
    const { start: keyStart, end: keyEnd } = text;
    const spelling = text.read();
    if (spelling.length === 0) csv.slice(bytes, keyStart, keyEnd);
    else csv.text(sentEmail(spelling.toString()));
    for (const _ of statusColumns) csv.slice(bytes, 0, 0);
    for (const _ of this.#fields) {
      text.read();
      csv.slice(bytes, text.start, text.end);
    }
    csv.endRow();
  }

  #writeRow(values: readonly string[]): void {
    for (const value of values) this.#csv.text(value);
    this.#csv.endRow();
  }

  #valuesOf(change: Change): string[] {
    return [change.email, ...statusOf(change), ...this.#fields.map((name) => fieldOf(change, name))];
  }
}

/**
 * An unsubscription has no fields, as in a request. An update has none that the provider does not show: an empty value
 * would clear what it may have.
 */
function fieldsOf({ columns, comparableColumns }: Planner, group: ChangeGroup): readonly string[] {
  if (kindOf[group] === "unsubscribe") return [];
  return group === "subscribe" ? columns : comparableColumns;
}

function statusOf(change: Change): [subscribed: string, cause: string] {
  return change.kind === "unsubscribe" ? ["false", change.cause] : ["", ""];
}

/**
 * A row has a value in each column: where the change has none, it is the one that the provider holds. A guid is left out
 * instead, which leaves it alone: two rows of a file must not have the same one.
 */
function fieldOf(change: Change, name: string): string {
  if (change.kind === "unsubscribe") return "";
  return change.fields[name] ?? (name === "guid" ? "" : (change.saw?.fields[name] ?? ""));
}
