import { ListBusyError } from "../../domain/errors.ts";
import { type LockOptions, takeLock } from "./lock.ts";
import { lockKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

export interface ListLockOptions extends Omit<LockOptions, "key"> {
  readonly list: string;
}

/** The list is busy with the very event that this run was started by: it was delivered twice, and nothing is wrong. */
export class DuplicateRunError extends ListBusyError {
  /** The run that got the lock. */
  readonly duplicateOf: string;
  constructor(list: string, holder: { runId: string; expiresAt: string }) {
    super(list, holder);
    this.duplicateOf = holder.runId;
  }
}

/**
 * Does the work while holding the list's lock. It is never deleted, so it exists from the list's first run on.
 *
 * @param work gets whether this is that run
 * @param options.expiresAt when the run is certainly over, because Lambda ends it
 * @throws DuplicateRunError when a run with the same trigger holds the lock, or was the last to hold it and did its work;
 *   ListBusyError when another run holds it
 */
export async function withListLock<Result>(
  store: ObjectStore,
  { list, ...options }: ListLockOptions,
  work: (isFirstRun: boolean) => Promise<Result>,
): Promise<Result> {
  const lock = await takeLock(store, { ...options, key: lockKey(list) });
  if ("holder" in lock) throw new (lock.isDuplicate ? DuplicateRunError : ListBusyError)(list, lock.holder);
  let isDone = false;
  try {
    const result = await work(lock.isFirst);
    isDone = true;
    return result;
  } finally {
    await lock.release({ isDone });
  }
}
