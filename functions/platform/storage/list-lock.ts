import * as z from "zod";
import { ListBusyError } from "../../domain/errors.ts";
import { lockKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

const lockSchema = z.object({ runId: z.string(), expiresAt: z.iso.datetime() });

export interface LockOptions {
  readonly list: string;
  readonly runId: string;
  readonly now: Date;
  /** When the run is surely over, because Lambda ends it then. */
  readonly expiresAt: Date;
}

/**
 * Does the work while no other run of the list does any. The lock is an object that only one run can
 * write: if there is none (`If-None-Match: *`), or if it still is the expired one that was read
 * (`If-Match`). A run that is killed leaves its lock behind, which then expires.
 *
 * @throws ListBusyError when another run holds it
 */
export async function withListLock<Result>(
  store: ObjectStore,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const etag = await acquire(store, options);
  try {
    return await work();
  } finally {
    // A lock that could not be released expires: no reason to hide what the work came to.
    await store
      .put(lockKey(options.list), encode(options.runId, new Date(0)), {
        ifMatch: etag,
      })
      .catch(() => undefined);
  }
}

async function acquire(store: ObjectStore, { list, runId, now, expiresAt }: LockOptions): Promise<string> {
  const key = lockKey(list);
  const mine = encode(runId, expiresAt);
  const first = await store.put(key, mine, { ifAbsent: true });
  if (first !== undefined) return first;
  const standing = await store.get(key);
  const holder = standing && lockSchema.parse(JSON.parse(Buffer.from(standing.bytes).toString()));
  // The answer to the first put may have been lost, and the put repeated.
  if (standing && holder?.runId === runId) return standing.etag;
  if (standing && holder && Date.parse(holder.expiresAt) <= now.getTime()) {
    const taken = await store.put(key, mine, { ifMatch: standing.etag });
    if (taken !== undefined) return taken;
    const after = await store.get(key);
    if (after && lockSchema.parse(JSON.parse(Buffer.from(after.bytes).toString())).runId === runId) {
      return after.etag;
    }
  }
  throw new ListBusyError(list, holder ?? { runId: "that just ended", expiresAt: now.toISOString() });
}

/** Released is what expires at once: one rule decides whether a lock holds. */
function encode(runId: string, expiresAt: Date): Uint8Array {
  return Buffer.from(JSON.stringify({ runId, expiresAt: expiresAt.toISOString() }));
}
