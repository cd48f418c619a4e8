import type * as z from "zod";
import { mergeAbsence, mergeAddition, mergeReading, mergeRemoval } from "./merge-contact.ts";
import { contactSchema, type MirrorContact, mirrorContactSchema } from "./mirror-contact.ts";
import { type MirrorEntry, type MirrorState, rowsOf } from "./mirror-state.ts";
import { type AdditionEntry, idSchema, Newcomers } from "./newcomers.ts";
import { type MirrorPlace, partOf, readPart, type StoredRows } from "./stored-rows.ts";

type Lost = (key: string) => void;
type ReadRows = <Row extends { readonly id: string }>(
  rows: StoredRows,
  part: number,
  schema: z.ZodType<Row>,
) => Promise<readonly Row[]>;

/**
 * What all that was learnt makes of each contact: the base, and after it the log in its order. Yields part by part, and
 * makes the next one while the caller works on one.
 *
 * @param lost called for each chunk that is missing or damaged; its rows are left out
 */
export async function* foldMirror(
  place: MirrorPlace,
  { base, log }: Pick<MirrorState, "base" | "log">,
  lost: Lost,
): AsyncGenerator<readonly MirrorContact[]> {
  const parts = Math.max(1, ...[base, ...log.map(rowsOf)].map((rows) => rows?.parts.length ?? 1));
  const damaged = new Set<StoredRows>();
  const read = createReader(place, parts, (rows, key) => {
    damaged.add(rows);
    lost(key);
  });
  const newcomers = new Newcomers();
  for (const entry of log) if (entry.kind === "addition") await newcomers.add(place, entry, lost);
  const foldPart = async (part: number): Promise<readonly MirrorContact[]> => {
    const known = base === undefined ? [] : await read(base, part, mirrorContactSchema);
    if (log.length === 0) return known;
    const contacts = new Map(known.map((contact) => [contact.id, contact]));
    for (const entry of log) await foldEntry(contacts, entry, { newcomers, read, damaged, part });
    return [...contacts.values()];
  };
  let next = foldPart(0);
  for (let part = 1; part <= parts; part++) {
    const contacts = await next;
    if (part < parts) {
      next = foldPart(part);
      // Awaited in its turn, unless the caller stops before.
      next.catch(() => undefined);
    }
    yield contacts;
  }
}

interface Folding {
  readonly newcomers: Newcomers;
  readonly read: ReadRows;
  /** Rows of which some were lost. */
  readonly damaged: ReadonlySet<StoredRows>;
  readonly part: number;
}

async function foldEntry(
  contacts: Map<string, MirrorContact>,
  entry: MirrorEntry,
  folding: Folding,
): Promise<void> {
  const { read, part } = folding;
  if (entry.kind === "addition") return foldAddition(contacts, entry, folding);
  if (entry.kind === "removal") {
    for (const { id } of await read(entry.rows, part, idSchema)) {
      const contact = contacts.get(id);
      if (contact !== undefined) contacts.set(id, mergeRemoval(contact, entry));
    }
    return;
  }
  const seen = new Set<string>();
  for (const contact of await read(entry.rows, part, contactSchema)) {
    const before = contacts.get(contact.id);
    const merged = mergeReading(before, contact, entry);
    contacts.set(contact.id, before === undefined ? folding.newcomers.merge(merged) : merged);
    seen.add(contact.id);
  }
  if (!entry.isWhole || folding.damaged.has(entry.rows)) return;
  for (const [id, contact] of contacts) {
    if (!seen.has(id)) contacts.set(id, mergeAbsence(contact, entry));
  }
}

async function foldAddition(
  contacts: Map<string, MirrorContact>,
  entry: AdditionEntry,
  { newcomers, read, part }: Folding,
): Promise<void> {
  const { contacts: known, addresses } = entry.joining;
  for (const { id } of known === undefined ? [] : await read(known, part, idSchema)) {
    const contact = contacts.get(id);
    if (contact !== undefined) contacts.set(id, mergeAddition(contact, entry));
  }
  if (addresses === undefined) return;
  // Another run may have read them before this one knew that its import was over.
  for (const [id, contact] of contacts) contacts.set(id, newcomers.merge(contact, entry));
}

/** Reads parts; rows that are all in one part are read once and kept, as they are few. */
function createReader(
  place: MirrorPlace,
  parts: number,
  onLost: (rows: StoredRows, key: string) => void,
): ReadRows {
  const few = new Map<StoredRows, Promise<unknown[][]>>();
  return async <Row extends { readonly id: string }>(
    rows: StoredRows,
    part: number,
    schema: z.ZodType<Row>,
  ): Promise<readonly Row[]> => {
    const lost = (key: string) => onLost(rows, key);
    if (rows.parts.length === parts) return readPart(place, rows, { part, schema, lost });
    const all =
      few.get(rows) ?? readPart(place, rows, { part: 0, schema, lost }).then((all) => split(all, parts));
    few.set(rows, all);
    return (await all)[part] as Row[];
  };
}

function split<Row extends { readonly id: string }>(rows: readonly Row[], parts: number): Row[][] {
  const split: Row[][] = Array.from({ length: parts }, () => []);
  for (const row of rows) split[partOf(row.id, parts)]!.push(row);
  return split;
}
