import { consentOf, type DatabaseRow, isUsable, type Snapshot } from "../simulated-database.ts";

/** What the database says of an address, if its rows agree. */
export function wordOf({ rows }: Pick<Snapshot, "rows">, email: string): boolean | undefined {
  const words = new Set(rowsOf(rows, email).map(({ subscribed }) => subscribed));
  const [word] = words;
  return words.size === 1 && typeof word === "boolean" ? word : undefined;
}

/** The latest consent that the database has of an address. */
export function consentIn(snapshot: Snapshot, email: string): number {
  const consents = rowsOf(snapshot.rows, email).map((row) => consentOf(row, snapshot));
  return Math.max(Number.NEGATIVE_INFINITY, ...consents);
}

function rowsOf(rows: readonly DatabaseRow[], email: string): DatabaseRow[] {
  return rows.filter((row) => isUsable(row) && row.email.toLowerCase() === email.toLowerCase());
}
