import * as z from "zod";
import { ListBusyError } from "../../domain/errors.ts";
import { lockKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

const lockSchema = z.object({ runId: z.string(), expiresAt: z.iso.datetime() });

export interface LockOptions {
  readonly list: string;
  readonly runId: string;
  readonly now: Date;
  /** When the run is certainly over, because Lambda ends it. */
  readonly expiresAt: Date;
}

/**
 * Does the work while holding the list's lock. The lock is an object that only one run can write: if there is none
 * (`If-None-Match: *`), or if it is still the expired one that was read (`If-Match`). A killed run leaves its lock
 * behind, until that expires.
 *
 * @throws ListBusyError when another run holds the lock
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
    // A lock that could not be released expires: that must not hide the outcome of the work.
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
  // The response to the first put may have been lost, and the put repeated.
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

/** A released lock is one that has expired, so that one rule decides whether a lock is held. */
function encode(runId: string, expiresAt: Date): Uint8Array {
  return Buffer.from(JSON.stringify({ runId, expiresAt: expiresAt.toISOString() }));
}
