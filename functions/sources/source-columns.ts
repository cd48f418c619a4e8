import { SourceError } from "../domain/errors.ts";

const fixedColumns = ["email", "subscribed", "unsubscribed_cause", "guid", "consented_at"];
const allowedColumns = `${fixedColumns.join(", ")} and data_*`;
/** A field's name. One with other characters is a value: its header has lost its line break. */
const fieldPattern = /^data_[^@\p{Cc}]{1,100}$/u;
/** PostgreSQL's own limit for a select. */
const maxColumns = 1664;
const misspelledBy = 2;

/**
 * Finds the columns of a source by their names, which are trimmed; case matters only in `data_*`. A name that is not
 * known is never shown: it may be a reader's, where a header has lost its line break or there is none.
 *
 * @returns where each stands, in the order of the source
 * @throws SourceError for a column that is missing, unknown or repeated
 */
export function findColumns(columns: readonly string[]): Map<string, number> {
  const names = columns.map(canonicalName);
  if (!names.includes("email")) throw new SourceError("its columns", withoutEmail(names));
  if (names.length > maxColumns)
    throw new SourceError("its columns", `are ${names.length}, and ${maxColumns} are the most`);
  const positions = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    const place = `column ${position + 1}`;
    if (!isKnown(name)) throw new SourceError(place, problemOf(name));
    if (positions.has(name)) throw new SourceError(place, `"${name}" occurs twice`);
    positions.set(name, position);
  }
  return positions;
}

function canonicalName(column: string): string {
  const name = column.trim();
  return fixedColumns.find((fixed) => fixed === name.toLowerCase()) ?? name;
}

function isKnown(name: string): boolean {
  return fixedColumns.includes(name) || fieldPattern.test(name);
}

function withoutEmail(names: readonly string[]): string {
  const meant = names.findIndex((name) => nearestColumn(name) === "email") + 1;
  return `none of the ${names.length} is named email${meant > 0 ? `: is column ${meant} meant?` : ""}`;
}

function problemOf(name: string): string {
  if (name === "") return "has no name: does each line end with an extra delimiter?";
  const nearest = nearestColumn(name);
  const problem = `its name is not one of ${allowedColumns}`;
  if (nearest !== undefined) return `${problem}: is ${nearest} meant?`;
  return `${problem}. To send it as a field of the reader, begin its name with data_`;
}

function nearestColumn(name: string): string | undefined {
  return fixedColumns.find((column) => editDistance(name.toLowerCase(), column) <= misspelledBy);
}

/** Levenshtein's, of names that differ little in length; infinite for others. */
function editDistance(name: string, other: string): number {
  if (Math.abs(name.length - other.length) > misspelledBy) return Number.POSITIVE_INFINITY;
  let distances = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...name].entries()) {
    const above = distances;
    distances = [row + 1];
    for (let at = 0; at < other.length; at++) {
      const replaced = above[at]! + (letter === other[at] ? 0 : 1);
      distances.push(Math.min(replaced, above[at + 1]! + 1, distances[at]! + 1));
    }
  }
  return distances.at(-1)!;
}
