import * as z from "zod";
import type { ObjectStore } from "./object-store.ts";

const holderSchema = z.object({ runId: z.string(), expiresAt: z.iso.datetime() });

/** Who holds a lock, and until when. */
export type LockHolder = z.infer<typeof holderSchema>;

export interface LockOptions {
  /** The lock's object. */
  readonly key: string;
  /** Whose it is; another one each time that it is taken. */
  readonly runId: string;
  readonly now: Date;
  /** When whoever takes the lock has certainly stopped working. */
  readonly expiresAt: Date;
  /** Called with a sentence for the report when a damaged lock was taken over. */
  note?(text: string): void;
}

/** A lock that was taken. */
export interface HeldLock {
  /** Whether nobody had taken it before. */
  readonly isFirst: boolean;
  release(): Promise<void>;
}

/**
 * Takes a lock, if nobody has it. It is an object that only one can write: if there is none (`If-None-Match: *`), or if it
 * is still the expired one that was read (`If-Match`). Who is killed leaves its lock behind, until that expires. An
 * object that is no lock, which nobody of ours has written, counts as expired: else it would be in the way for good.
 */
export async function takeLock(
  store: ObjectStore,
  options: LockOptions,
): Promise<HeldLock | { readonly holder: LockHolder }> {
  const { key, runId, now, expiresAt, note } = options;
  const mine = encode(runId, expiresAt);
  const first = await store.put(key, mine, { ifAbsent: true });
  if (first !== undefined) return held(store, options, { etag: first, isFirst: true });
  const standing = await store.get(key);
  const holder = standing && decode(standing.bytes);
  // The response to the first put may have been lost, and the put repeated.
  if (standing && holder?.runId === runId)
    return held(store, options, { etag: standing.etag, isFirst: true });
  if (standing && (holder === undefined || Date.parse(holder.expiresAt) <= now.getTime())) {
    const taken = await store.put(key, mine, { ifMatch: standing.etag });
    const etag = taken ?? (await etagOfOwn(store, key, runId));
    if (etag !== undefined && holder === undefined) note?.(`${key} was no lock, and was replaced by one`);
    if (etag !== undefined) return held(store, options, { etag, isFirst: false });
  }
  return { holder: holder ?? { runId: "that just began or ended", expiresAt: now.toISOString() } };
}

function held(
  store: ObjectStore,
  { key, runId }: LockOptions,
  { etag, isFirst }: { readonly etag: string; readonly isFirst: boolean },
): HeldLock {
  return {
    isFirst,
    async release() {
      // A lock that could not be released expires: that must not hide the outcome of the work.
      await store.put(key, encode(runId, new Date(0)), { ifMatch: etag }).catch(() => undefined);
    },
  };
}

/** The tag of the standing lock, if a put that the SDK repeated has already stored it. */
async function etagOfOwn(store: ObjectStore, key: string, runId: string): Promise<string | undefined> {
  const standing = await store.get(key);
  return standing && decode(standing.bytes)?.runId === runId ? standing.etag : undefined;
}

/** @returns undefined if the bytes are no lock */
function decode(bytes: Uint8Array): LockHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

/** A released lock is one that has expired, so that one rule decides whether a lock is held. */
function encode(runId: string, expiresAt: Date): Uint8Array {
  return Buffer.from(JSON.stringify({ runId, expiresAt: expiresAt.toISOString() }));
}
