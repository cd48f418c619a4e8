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
  /** Called with a sentence for the report when a damaged lock was taken over. */
  note?(text: string): void;
}

/**
 * Does the work while holding the list's lock. The lock is an object that only one run can write: if there is none
 * (`If-None-Match: *`), or if it is still the expired one that was read (`If-Match`). A killed run leaves its lock
 * behind, until that expires. An object that is no lock, which no run has written, counts as expired: else it would
 * block the list for good.
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

async function acquire(
  store: ObjectStore,
  { list, runId, now, expiresAt, note }: LockOptions,
): Promise<string> {
  const key = lockKey(list);
  const mine = encode(runId, expiresAt);
  const first = await store.put(key, mine, { ifAbsent: true });
  if (first !== undefined) return first;
  const standing = await store.get(key);
  const holder = standing && decode(standing.bytes);
  // The response to the first put may have been lost, and the put repeated.
  if (standing && holder?.runId === runId) return standing.etag;
  if (standing && (holder === undefined || Date.parse(holder.expiresAt) <= now.getTime())) {
    const taken = await store.put(key, mine, { ifMatch: standing.etag });
    const etag = taken ?? (await etagOfOwn(store, key, runId));
    if (etag !== undefined && holder === undefined) note?.(`${key} was no lock, and was replaced by one`);
    if (etag !== undefined) return etag;
  }
  throw new ListBusyError(
    list,
    holder ?? { runId: "that just began or ended", expiresAt: now.toISOString() },
  );
}

/** The tag of the standing lock, if a put that the SDK repeated has already stored it. */
async function etagOfOwn(store: ObjectStore, key: string, runId: string): Promise<string | undefined> {
  const standing = await store.get(key);
  return standing && decode(standing.bytes)?.runId === runId ? standing.etag : undefined;
}

/** @returns undefined if the bytes are no lock */
function decode(bytes: Uint8Array): z.infer<typeof lockSchema> | undefined {
  try {
    return lockSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

/** A released lock is one that has expired, so that one rule decides whether a lock is held. */
function encode(runId: string, expiresAt: Date): Uint8Array {
  return Buffer.from(JSON.stringify({ runId, expiresAt: expiresAt.toISOString() }));
}
