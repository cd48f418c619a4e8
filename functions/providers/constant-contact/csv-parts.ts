import { stringify } from "csv-stringify/sync";
import type { Change } from "../../domain/plan.ts";
import { importLimits } from "./import-changes.ts";
import { importFieldsOf } from "./import-fields.ts";

/** Parts that are not full yet are held until they have so many bytes together. */
const mostHeldBytes = 16_000_000;

/** Changes that fit into one CSV, and have a value in each of its columns. */
export interface CsvPart {
  readonly columns: readonly string[];
  readonly changes: readonly Change[];
}

interface OpenPart {
  readonly columns: readonly string[];
  readonly changes: Change[];
  bytes: number;
}

/**
 * Divides changes into files. Those of a file have the same fields: a cell that is empty might clear what the provider
 * has.
 */
export function* csvParts(changes: Iterable<Change>): Generator<CsvPart> {
  const open = new Map<string, OpenPart>();
  let held = 0;
  for (const change of changes) {
    const fields = fieldsOf(change);
    const columns = Object.keys(fields).sort();
    const key = JSON.stringify(columns);
    // As JSON, no value is shorter than as CSV.
    const bytes = Buffer.byteLength(JSON.stringify(fields));
    let part = open.get(key);
    if (part !== undefined && isFull(part, bytes)) {
      yield part;
      held -= part.bytes;
      part = undefined;
    }
    part ??= { columns, changes: [], bytes: 0 };
    open.set(key, part);
    part.changes.push(change);
    part.bytes += bytes;
    held += bytes;
    if (held <= mostHeldBytes) continue;
    yield* open.values();
    open.clear();
    held = 0;
  }
  yield* open.values();
}

export function csvOf({ columns, changes }: CsvPart): string {
  const rows = changes.map((change) => {
    const fields = fieldsOf(change);
    return columns.map((column) => fields[column]);
  });
  return stringify([columns, ...rows]);
}

function isFull({ changes, bytes }: OpenPart, more: number): boolean {
  return changes.length >= importLimits.rows || bytes + more > importLimits.bytes;
}

function fieldsOf(change: Change): Record<string, string> {
  return { email: change.email, ...("fields" in change && importFieldsOf(change.fields)) };
}
