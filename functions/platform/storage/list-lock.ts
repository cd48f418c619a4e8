import { ListBusyError } from "../../domain/errors.ts";
import { type LockOptions, takeLock } from "./lock.ts";
import { lockKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

export interface ListLockOptions extends Omit<LockOptions, "key"> {
  readonly list: string;
}

/**
 * Does the work while holding the list's lock. It is never deleted, so it exists from the list's first run on.
 *
 * @param work gets whether this is that run
 * @param options.expiresAt when the run is certainly over, because Lambda ends it
 * @throws ListBusyError when another run holds the lock
 */
export async function withListLock<Result>(
  store: ObjectStore,
  { list, ...options }: ListLockOptions,
  work: (isFirstRun: boolean) => Promise<Result>,
): Promise<Result> {
  const lock = await takeLock(store, { ...options, key: lockKey(list) });
  if ("holder" in lock) throw new ListBusyError(list, lock.holder);
  try {
    return await work(lock.isFirst);
  } finally {
    await lock.release();
  }
}
