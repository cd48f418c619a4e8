import { gunzipSync } from "node:zlib";
import type { Change, ChangeGroup } from "../../functions/domain/plan.ts";
import type { Return } from "../../functions/domain/return.ts";
import { exchangePrefixes } from "../../functions/platform/storage/object-keys.ts";
import type { InMemoryStore } from "../support/in-memory-store.ts";

/** The addresses of a stored plan's changes of these groups, as they are to be sent. */
export function plannedEmails(
  store: InMemoryStore,
  planId: string,
  groups: ReadonlySet<ChangeGroup>,
): ReadonlySet<string> {
  const folder = `${exchangePrefixes.plans}daily/${planId}/changes-`;
  const chunks = [...groups].flatMap((group) => linesUnder<Change>(store, `${folder}${group}-`));
  return new Set(chunks.map(({ email }) => email));
}

/** What a stored plan is to tell the database. */
export function plannedReturns(store: InMemoryStore, planId: string): Return[] {
  return linesUnder<Return>(store, `${exchangePrefixes.plans}daily/${planId}/changes-return-`);
}

/** The changes of a run that the provider refused. */
export function quarantinedChanges(store: InMemoryStore, runId: string): Change[] {
  const rows = linesUnder<{ change?: Change }>(store, `${exchangePrefixes.quarantine}daily/${runId}/`);
  return rows.flatMap(({ change }) => change ?? []);
}

function linesUnder<Line>({ objects }: InMemoryStore, folder: string): Line[] {
  const chunks = [...objects].filter(([key]) => key.startsWith(folder) && key.endsWith(".gz"));
  const lines = chunks.flatMap(([, { bytes }]) => gunzipSync(bytes).toString().trimEnd().split("\n"));
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}
