import { FileBusyError } from "../../../domain/archive-errors.ts";
import { AskedReaders } from "../asked-readers.ts";
import { compactMirror } from "./compact-mirror.ts";
import { DamagedMirrorError } from "./damaged-mirror-error.ts";
import { foldMirror } from "./fold-mirror.ts";
import type { MirrorContact } from "./mirror-contact.ts";
import { type Joining, type MirrorState, MirrorStateObject, rowsOf } from "./mirror-state.ts";
import { addressKey, idSchema } from "./newcomers.ts";
import { type MirrorPlace, readPart, storeRows } from "./stored-rows.ts";

const maxAttempts = 5;

interface ContactErasure {
  readonly email: string;
  /** What is kept of a contact: the same object, if nothing of it is erased; undefined if it is the reader's. */
  keep(contact: MirrorContact): MirrorContact | undefined;
}

/**
 * Writes a mirror anew without the contacts of one address, and forgets whether they left a list. To be called while no run
 * works on the account. The objects that the mirror consisted of before stay where they are.
 *
 * @returns how many contacts there were
 * @throws DamagedMirrorError when some of it is missing; FileBusyError when others write it each time
 */
export async function eraseContacts(place: MirrorPlace, erasure: ContactErasure): Promise<number> {
  const object = new MirrorStateObject(place);
  const ids = new Set<string>();
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const state = await object.read();
    if (state.base === undefined && state.log.length === 0) return ids.size;
    let isFound = false;
    for await (const contacts of foldMirror(place, state, refuse)) {
      for (const contact of contacts) {
        const kept = erasure.keep(contact);
        if (kept === undefined) ids.add(contact.id);
        isFound ||= kept !== contact;
      }
    }
    // What the log shows may have been otherwise earlier in it.
    const isInLog = attempt === 0 && state.log.length > 0;
    if (!isFound && !isInLog) {
      await forgetAddress(place, object, addressKey(erasure.email));
      await new AskedReaders(place).forget(ids);
      return ids.size;
    }
    await compactMirror(place, object, refuse, (contact) => erasure.keep(contact));
  }
  throw new FileBusyError(maxAttempts);
}

/** The names of the rows that a mirror consists of; all others are left over. */
export async function liveRows(place: MirrorPlace): Promise<ReadonlySet<string>> {
  const { base, log, pending } = await new MirrorStateObject(place).read();
  const joinings = [...log, ...pending].flatMap((entry) =>
    "joining" in entry && entry.joining ? [entry.joining.contacts, entry.joining.addresses] : [],
  );
  const rows = [base, ...log.map(rowsOf), ...joinings].filter((rows) => rows !== undefined);
  return new Set(rows.map(({ name }) => name));
}

/** Of imports whose contacts are still to come. */
async function forgetAddress(place: MirrorPlace, object: MirrorStateObject, key: string): Promise<void> {
  const { log, pending } = object.state;
  const renamed = new Map<string, Joining["addresses"]>();
  const joinings = [
    ...log.flatMap((entry) => (entry.kind === "addition" ? entry.joining : [])),
    ...pending.flatMap(({ joining }) => joining ?? []),
  ];
  for (const { addresses } of joinings) {
    if (addresses === undefined || renamed.has(addresses.name)) continue;
    const rows = await Promise.all(
      addresses.parts.map((_, part) =>
        readPart(place, addresses, { part, schema: idSchema, lost: () => undefined }),
      ),
    );
    const others = rows.flat().filter(({ id }) => id !== key);
    if (others.length < rows.flat().length) renamed.set(addresses.name, await storeRows(place, others));
  }
  if (renamed.size === 0) return;
  const without = (joining: Joining): Joining => {
    const { addresses } = joining;
    const anew = addresses && renamed.get(addresses.name);
    return anew === undefined ? joining : { ...joining, addresses: anew };
  };
  await object.change(
    (standing): MirrorState => ({
      ...standing,
      log: standing.log.map((entry) =>
        entry.kind === "addition" ? { ...entry, joining: without(entry.joining) } : entry,
      ),
      pending: standing.pending.map((activity) => ({
        ...activity,
        ...(activity.joining && { joining: without(activity.joining) }),
      })),
    }),
  );
}

function refuse(key: string): never {
  throw new DamagedMirrorError(key);
}
