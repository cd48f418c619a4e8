import { FileBusyError } from "../domain/archive-errors.ts";
import {
  blocksIn,
  encodeStored,
  recordsOf,
  withoutReader,
} from "../platform/storage/history/history-block.ts";
import type { StoredErasure } from "./erase-stored.ts";

const maxAttempts = 5;

/** Takes a reader's records out of an object of the history; damaged parts of it go, too. */
export async function eraseFromHistory(
  key: string,
  hash: string,
  { store, tally }: StoredErasure,
): Promise<void> {
  tally.searched++;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const object = await store.get(key);
    if (object === undefined) return;
    const blocks = [...blocksIn(object.bytes, () => undefined)];
    const rows = blocks.reduce((sum, block) => sum + [...recordsOf(hash, block)].length, 0);
    if (rows === 0) return;
    const left = blocks.map((block) => withoutReader(hash, block) ?? encodeStored(block));
    if ((await store.put(key, Buffer.concat(left), { ifMatch: object.etag })) === undefined) continue;
    tally.add(key, rows);
    return;
  }
  throw new FileBusyError(maxAttempts);
}
