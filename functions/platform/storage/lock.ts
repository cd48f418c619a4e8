import * as z from "zod";
import type { ObjectStore } from "./object-store.ts";

const holderSchema = z.object({
  runId: z.string(),
  expiresAt: z.iso.datetime(),
  /** What started the run that holds it. */
  trigger: z.string().optional(),
  /** Of a released lock: what started the run that had it last, if its work was done. */
  done: z.string().optional(),
});

/** Who holds a lock, and until when. */
type LockHolder = z.infer<typeof holderSchema>;

export interface LockOptions {
  /** The lock's object. */
  readonly key: string;
  /** Whose it is; another one each time that it is taken. */
  readonly runId: string;
  /** What started that run: it tells a run that was started twice. @default nothing that is ever delivered twice */
  readonly trigger?: string;
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
  /** @param outcome.isDone whether the work is: then a second run with the same trigger does not get the lock @default false */
  release(outcome?: { readonly isDone?: boolean }): Promise<void>;
}

/** Why a lock was not taken. */
export interface TakenLock {
  readonly holder: LockHolder;
  /** Whether the holder has the same trigger: it does, or has just done, what this run was to do. */
  readonly isDuplicate: boolean;
}

/**
 * Takes a lock, if nobody has it. It is an object that only one can write: if there is none (`If-None-Match: *`), or if it
 * is still the expired one that was read (`If-Match`). Who is killed leaves its lock behind, until that expires. An
 * object that is no lock, which nobody of ours has written, counts as expired: else it would be in the way for good.
 */
export async function takeLock(store: ObjectStore, options: LockOptions): Promise<HeldLock | TakenLock> {
  const { key, runId, trigger, expiresAt, note } = options;
  const mine = encode({ runId, expiresAt: expiresAt.toISOString(), trigger });
  const first = await store.put(key, mine, { ifAbsent: true });
  if (first !== undefined) return held(store, options, { etag: first, isFirst: true });
  const standing = await read(store, key);
  // The response to the first put may have been lost, and the put repeated.
  if (standing?.holder?.runId === runId) return held(store, options, { etag: standing.etag, isFirst: true });
  if (standing === undefined || !isFree(standing.holder, options)) return taken(standing?.holder, options);
  const second = await store.put(key, mine, { ifMatch: standing.etag });
  // Another run was faster, or the SDK has repeated a put that was stored already.
  const winner = second === undefined ? await read(store, key) : undefined;
  const etag = winner?.holder?.runId === runId ? winner.etag : second;
  if (etag === undefined) return taken(winner?.holder, options);
  if (standing.holder === undefined) note?.(`${key} was no lock, and was replaced by one`);
  return held(store, options, { etag, isFirst: false });
}

async function read(
  store: ObjectStore,
  key: string,
): Promise<{ readonly etag: string; readonly holder: LockHolder | undefined } | undefined> {
  const standing = await store.get(key);
  return standing && { etag: standing.etag, holder: decode(standing.bytes) };
}

function isFree(holder: LockHolder | undefined, { now, trigger }: LockOptions): boolean {
  if (trigger !== undefined && holder?.done === trigger) return false;
  return holder === undefined || Date.parse(holder.expiresAt) <= now.getTime();
}

/** @param holder undefined if the lock was gone when it was looked at */
function taken(holder: LockHolder | undefined, { now, trigger }: LockOptions): TakenLock {
  if (holder === undefined) {
    const unknown = { runId: "that just began or ended", expiresAt: now.toISOString() };
    return { holder: unknown, isDuplicate: false };
  }
  return { holder, isDuplicate: trigger !== undefined && [holder.trigger, holder.done].includes(trigger) };
}

function held(
  store: ObjectStore,
  { key, runId, trigger }: LockOptions,
  { etag, isFirst }: { readonly etag: string; readonly isFirst: boolean },
): HeldLock {
  return {
    isFirst,
    async release({ isDone = false } = {}) {
      // A released lock is one that has expired, so that one rule decides whether a lock is held.
      const released = { runId, expiresAt: new Date(0).toISOString(), ...(isDone && { done: trigger }) };
      // A lock that could not be released expires: that must not hide the outcome of the work.
      await store.put(key, encode(released), { ifMatch: etag }).catch(() => undefined);
    },
  };
}

/** @returns undefined if the bytes are no lock */
function decode(bytes: Uint8Array): LockHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

function encode(holder: LockHolder): Uint8Array {
  return Buffer.from(JSON.stringify(holder));
}
