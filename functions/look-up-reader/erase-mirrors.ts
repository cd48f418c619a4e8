import pMap from "p-map";
import type { ListedObject } from "../platform/storage/bucket.ts";
import { readChunk } from "../platform/storage/ndjson-chunks.ts";
import { exchangePrefixes } from "../platform/storage/object-keys.ts";
import { withoutReader } from "./erase-rows.ts";
import type { StoredErasure } from "./erase-stored.ts";

const concurrency = 16;

/** What was kept of a contact: the same object, or another one; undefined if it is to go. */
type Keep = <Contact extends object>(contact: Contact) => Contact | undefined;

/** The mirrors of accounts, by the names that the accounts have in keys. */
export interface Mirrors {
  /** Writes a mirror anew. @returns how many contacts went */
  eraseContacts(account: string, erasure: { readonly email: string; readonly keep: Keep }): Promise<number>;
  /** The names of the rows that a mirror consists of. */
  liveRows(account: string): Promise<ReadonlySet<string>>;
}

export interface MirrorErasure extends StoredErasure {
  readonly mirrors: Mirrors;
}

/** Writes mirrors anew without the reader. To be called while no run works on any list. */
export async function eraseFromMirrors(
  erasure: MirrorErasure,
  { restingSince }: { readonly restingSince: number },
): Promise<void> {
  const { mirrors, matcher, tally } = erasure;
  const keep: Keep = (contact) => {
    if (!matcher.mayBeIn(Buffer.from(JSON.stringify(contact)))) return contact;
    const kept = withoutReader(contact, matcher) as typeof contact | undefined;
    return JSON.stringify(kept) === JSON.stringify(contact) ? contact : kept;
  };
  for (const account of await accountsIn(erasure)) {
    const contacts = await mirrors.eraseContacts(account, { email: matcher.canonical, keep });
    if (contacts > 0) tally.add(`${exchangePrefixes.mirror}${account}/state.json`, contacts);
  }
  await eraseLeftovers(erasure, ({ changedAt }) => changedAt.getTime() >= restingSince);
}

/** Removes what mirrors consisted of before, where it mentions the reader: nobody reads it any more. */
export async function eraseLeftovers(
  erasure: MirrorErasure,
  isAsked: (object: ListedObject) => boolean,
): Promise<void> {
  const { store, bucket, mirrors, matcher, tally, signal } = erasure;
  for (const account of await accountsIn(erasure)) {
    const keys: string[] = [];
    for await (const object of bucket.list(`${exchangePrefixes.mirror}${account}/`)) {
      if (object.key.endsWith(".ndjson.gz") && isAsked(object)) keys.push(object.key);
    }
    const live = await mirrors.liveRows(account);
    const leftovers = keys.filter((key) => !live.has(key.split("/")[2] ?? ""));
    await pMap(
      leftovers,
      async (key) => {
        signal.throwIfAborted();
        tally.searched++;
        const contacts = await readChunk(store, key);
        if (contacts === undefined) tally.addUnreadable(key);
        const rows = JSON.stringify(contacts ?? []);
        if (!matcher.mayBeIn(Buffer.from(rows)) || !matcher.isMentionedIn(rows)) return;
        await bucket.remove(key);
        tally.add(key, 0);
      },
      { concurrency },
    );
  }
}

async function accountsIn({ bucket }: MirrorErasure): Promise<string[]> {
  const accounts = new Set<string>();
  for await (const { key } of bucket.list(exchangePrefixes.mirror)) accounts.add(key.split("/")[1] ?? "");
  return [...accounts];
}
