import * as z from "zod";
import { lastSuccessKey } from "./object-keys.ts";
import type { ObjectStore } from "./object-store.ts";

const recordSchema = z.object({ at: z.iso.datetime() });

/** When a run that its schedule could have started last succeeded: by that, a run that never started is noticed. */
export interface LastSuccess {
  /** Undefined if none has succeeded yet, or if the record cannot be read. */
  read(): Promise<Date | undefined>;
  /** @returns when the one before it was */
  record(at: Date): Promise<Date | undefined>;
}

/** @param subject the name of a list, or of whatever else the function works on */
export function openLastSuccess(store: ObjectStore, functionName: string, subject: string): LastSuccess {
  const key = lastSuccessKey(functionName, subject);
  const read = async () => {
    const stored = await store.get(key);
    if (stored === undefined) return undefined;
    const record = recordSchema.safeParse(parseJson(Buffer.from(stored.bytes).toString()));
    return record.success ? new Date(record.data.at) : undefined;
  };
  return {
    read,
    async record(at) {
      const before = await read();
      await store.put(key, Buffer.from(JSON.stringify({ at: at.toISOString() })));
      return before;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
