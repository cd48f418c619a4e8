import { gunzipSync } from "node:zlib";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";

/** The addresses of a stored plan's changes, as they are to be sent. */
export function plannedEmails({ objects }: InMemoryStore, planId: string): ReadonlySet<string> {
  const folder = `${exchangePrefixes.plans}daily/${planId}/`;
  const chunks = [...objects].filter(([key]) => key.startsWith(folder) && key.endsWith(".gz"));
  const lines = chunks.flatMap(([, { bytes }]) => gunzipSync(bytes).toString().trimEnd().split("\n"));
  return new Set(lines.map((line) => (JSON.parse(line) as { email: string }).email));
}
