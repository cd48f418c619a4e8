import * as z from "zod";
import { canonicalEmail } from "../domain/email.ts";
import type { Bucket } from "../platform/storage/bucket.ts";
import { readChunk } from "../platform/storage/ndjson-chunks.ts";
import { exchangePrefixes } from "../platform/storage/object-keys.ts";
import type { ObjectStore } from "../platform/storage/object-store.ts";

const rowSchema = z.object({ email: z.string(), reason: z.string(), place: z.string().optional() });

/** Why a run set rows of this reader aside: as long as the quarantine is kept. */
export async function readQuarantine(
  { store, bucket }: { readonly store: ObjectStore; readonly bucket: Bucket },
  { list, run, email }: { readonly list: string; readonly run: string; readonly email: string },
): Promise<string[]> {
  const canonical = canonicalEmail(email);
  const reasons: string[] = [];
  // A run of pushes has two: of messages, and of rows that the provider refused.
  for await (const { key } of bucket.list(`${exchangePrefixes.quarantine}${list}/${run}`)) {
    for (const row of (await readChunk(store, key)) ?? []) {
      const { data } = rowSchema.safeParse(row);
      if (data === undefined || canonicalEmail(data.email) !== canonical) continue;
      reasons.push(data.place === undefined ? data.reason : `${data.reason} (${data.place})`);
    }
  }
  return reasons;
}
