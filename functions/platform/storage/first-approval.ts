import { approvalKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * Whether a person has ever approved a plan of a list, or applied one by hand: before that, its schedules only look. It
 * is one object, which is never overwritten and never expires. If it is lost, the schedules wait for a person again.
 */
export interface FirstApproval {
  /** Rejects if S3 cannot tell: a run that does not know may not send anything. */
  isGiven(): Promise<boolean>;
  /** Does nothing if it was given before. @returns whether it is the first one */
  give(runId: string, at: Date): Promise<boolean>;
}

export function openFirstApproval(store: ObjectStore, list: string): FirstApproval {
  const key = approvalKey(list);
  let reading: Promise<boolean> | undefined;
  const isGiven = () => {
    reading ??= store.get(key).then((standing) => standing !== undefined);
    return reading;
  };
  return {
    isGiven,
    async give(runId, at) {
      if (await isGiven()) return false;
      const approval = { runId, at: at.toISOString() };
      await store.put(key, Buffer.from(JSON.stringify(approval)), { ifAbsent: true });
      return true;
    },
  };
}
