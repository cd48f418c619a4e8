import * as z from "zod";
import { optInPaceKey } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

/** What Ownpage takes from one address: all functions of a deployment may share one. It takes ten a minute in all. */
export const optInsPerMinute = 5;
const minuteMs = 60_000;
const maxAttempts = 5;

/** When the last ones were sent, in ms since the epoch. */
const sentSchema = z.array(z.number());

/**
 * Takes leave to send opt-ins, of all lists together, without exceeding the provider's pace.
 *
 * @param now in ms since the epoch
 * @returns how many of them may be sent
 */
export async function takeOptIns(store: ObjectStore, wanted: number, now: number): Promise<number> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const standing = await store.get(optInPaceKey);
    const recent = sentIn(standing?.bytes).filter((at) => at > now - minuteMs);
    const taken = Math.min(wanted, Math.max(0, optInsPerMinute - recent.length));
    if (taken === 0) return 0;
    const sent = Buffer.from(JSON.stringify([...recent, ...Array<number>(taken).fill(now)]));
    const condition = standing === undefined ? { ifAbsent: true } : { ifMatch: standing.etag };
    if ((await store.put(optInPaceKey, sent, condition)) !== undefined) return taken;
  }
  return 0;
}

/** An object that is none of ours counts as empty: then the provider keeps its pace itself. */
function sentIn(bytes: Uint8Array | undefined): number[] {
  try {
    return sentSchema.parse(JSON.parse(Buffer.from(bytes ?? []).toString()));
  } catch {
    return [];
  }
}
