import * as z from "zod";
import { approvalKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * Whether a person has ever approved a plan of a list, or applied one by hand: before that, its schedules only look. It
 * is one object, which never expires, and is only overwritten if the list has another id at its provider since then. If it
 * is lost, the schedules wait for a person again.
 */
export interface FirstApproval {
  /** Rejects if S3 cannot tell: a run that does not know may not send anything. */
  isGiven(): Promise<boolean>;
  /** Does nothing if it was given before. @returns whether it is the first one */
  give(runId: string, at: Date): Promise<boolean>;
}

/** A list by its name here, and by its id at the provider. */
interface ApprovedList {
  readonly name: string;
  readonly id: string | number | undefined;
}

/** `null` of a list that has no id. */
const approvedIdSchema = z.union([z.string(), z.number(), z.null()]);
type ApprovedId = z.infer<typeof approvedIdSchema>;
const approvedSchema = z.object({ id: approvedIdSchema });

export function openFirstApproval(store: ObjectStore, list: ApprovedList): FirstApproval {
  const id = list.id ?? null;
  const key = approvalKey(list.name);
  let reading: ReturnType<ObjectStore["get"]> | undefined;
  const read = () => {
    reading ??= store.get(key);
    return reading;
  };
  const isOfList = (approved: ApprovedId | undefined) => approved === undefined || approved === id;
  const isGiven = async () => {
    const standing = await read();
    return standing !== undefined && isOfList(approvedIdIn(standing.bytes));
  };
  return {
    isGiven,
    async give(runId, at) {
      if (await isGiven()) return false;
      const standing = await read();
      const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
      const approval = { runId, at: at.toISOString(), id };
      await store.put(key, Buffer.from(JSON.stringify(approval)), condition);
      return true;
    },
  };
}

/** Whose plan was approved; undefined if that does not stand there, as in what another version has written. */
function approvedIdIn(bytes: Uint8Array): ApprovedId | undefined {
  try {
    return approvedSchema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data?.id;
  } catch {
    return undefined;
  }
}
