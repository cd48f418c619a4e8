import { DamagedMirrorError } from "./damaged-mirror-error.ts";
import { foldMirror } from "./fold-mirror.ts";
import { lagMs } from "./merge-contact.ts";
import type { MirrorContact } from "./mirror-contact.ts";
import { type MirrorEntry, type MirrorState, type MirrorStateObject, rowsOf } from "./mirror-state.ts";
import { countRows, type MirrorPlace, RowsWriter } from "./stored-rows.ts";

const maxEntries = 50;
/** Entries of one part are held in memory together while the mirror is read. */
const maxHeldRows = 20_000;

/** Whether reading the log takes more than it should. */
export function isLogLong({ log }: MirrorState): boolean {
  const rows = log.map(rowsOf).filter((rows) => rows !== undefined);
  const held = rows.filter(({ parts }) => parts.length === 1);
  return rows.length > maxEntries || held.reduce((sum, rows) => sum + countRows(rows), 0) > maxHeldRows;
}

/**
 * Writes what the log makes of the base as a new base. Entries that other runs add meanwhile stay in the log; if one of
 * them has compacted it, its base stands.
 *
 * @param lost as for foldMirror
 * @param keep what is written of a contact; undefined if nothing is
 */
export async function compactMirror(
  place: MirrorPlace,
  object: MirrorStateObject,
  lost: (key: string) => void,
  keep: (contact: MirrorContact) => MirrorContact | undefined = (contact) => contact,
): Promise<void> {
  const compacted = object.state;
  const writer = new RowsWriter<MirrorContact>(place);
  const lostKeys: string[] = [];
  const onLost = (key: string) => {
    lostKeys.push(key);
    lost(key);
  };
  for await (const contacts of foldMirror(place, compacted, onLost)) {
    for (const contact of contacts) {
      const kept = keep(contact);
      if (kept !== undefined) await writer.add(kept);
    }
  }
  const base = await writer.finish();
  await object.change((standing) =>
    goesOn(compacted, standing)
      ? {
          ...standing,
          base,
          log: [...stillToCome(compacted, lostKeys), ...standing.log.slice(compacted.log.length)],
        }
      : standing,
  );
}

/**
 * The same for a mirror that was just read anew. What is lost of what came before, that reading makes up for.
 *
 * @throws DamagedMirrorError when something is lost of that reading, or of what came after it
 */
export async function compactReadAnew(place: MirrorPlace, object: MirrorStateObject): Promise<void> {
  const { log } = object.state;
  const last = log.findLastIndex((entry) => entry.kind === "reading" && entry.isWhole);
  const needed = log.slice(Math.max(0, last)).map(nameOf);
  await compactMirror(place, object, (key) => {
    if (needed.some((name) => name !== undefined && key.includes(`/${name}/`)))
      throw new DamagedMirrorError(key);
  });
}

/** Additions whose contacts the last whole reading may not have shown; one that is lost would stop every run. */
function stillToCome({ log, readWholeAt = 0 }: MirrorState, lostKeys: readonly string[]): MirrorEntry[] {
  return log.flatMap((entry) => {
    if (entry.kind !== "addition" || entry.joining.addresses === undefined) return [];
    const { name } = entry.joining.addresses;
    if (entry.endedAt + lagMs < readWholeAt || lostKeys.some((key) => key.includes(`/${name}/`))) return [];
    return { ...entry, joining: { addresses: entry.joining.addresses } };
  });
}

/** Whether `state` is the compacted one, with at most a longer log. */
function goesOn(compacted: MirrorState, state: MirrorState): boolean {
  const namesOf = ({ base, log }: MirrorState) => [base?.name, ...log.map(nameOf)];
  const names = namesOf(state);
  return namesOf(compacted).every((name, at) => name === names[at]);
}

function nameOf(entry: MirrorEntry): string | undefined {
  return rowsOf(entry)?.name ?? (entry.kind === "addition" ? entry.joining.addresses?.name : undefined);
}
