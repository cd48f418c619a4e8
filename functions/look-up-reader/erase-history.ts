import { FileBusyError } from "../domain/archive-errors.ts";
import {
  blocksIn,
  encodeStored,
  isOfKey,
  recordsOf,
  withoutReader,
} from "../platform/storage/history/history-block.ts";
import type { HashedReader } from "../platform/storage/history/reader-hash.ts";
import type { StoredErasure } from "./erase-stored.ts";

const maxAttempts = 5;

/** Takes a reader's records out of an object of the history; damaged parts of it go, too. */
export async function eraseFromHistory(
  key: string,
  { hash, keyName }: HashedReader,
  { store, tally }: StoredErasure,
): Promise<void> {
  tally.searched++;
  let written = 0;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const object = await store.get(key);
    if (object === undefined) return;
    const blocks = [...blocksIn(object.bytes, () => undefined)];
    if (blocks.some((block) => !isOfKey(keyName, block))) tally.addUnreadable(key);
    const rows = blocks.reduce((sum, block) => sum + [...recordsOf(hash, block)].length, 0);
    if (rows === 0) {
      // The answer to a put may have been lost, and the put repeated.
      if (written > 0) tally.add(key, written);
      return;
    }
    written = rows;
    const left = blocks.map((block) => withoutReader(hash, block) ?? encodeStored(block));
    if ((await store.put(key, Buffer.concat(left), { ifMatch: object.etag })) === undefined) continue;
    tally.add(key, rows);
    return;
  }
  throw new FileBusyError(maxAttempts);
}
