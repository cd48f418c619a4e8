import type { Change } from "./plan.ts";

/**
 * The most that the changes of a batch may take as JSON: nginx, which stands before many an API, refuses larger bodies
 * unless it is told otherwise.
 */
export const maxBatchBytes = 1_000_000;

/** What a provider gets beside the address and the fields: a status, a cause, and punctuation. */
const restOf: Readonly<Record<Change["kind"], number>> = {
  subscribe: 1,
  update: 1,
  resubscribe: 20,
  unsubscribe: 60,
};

/** How many bytes of JSON a provider gets for a change. */
export function sentBytes(change: Change): number {
  const { kind, email } = change;
  const fields = kind === "unsubscribe" ? {} : change.fields;
  return Buffer.byteLength(JSON.stringify({ email, ...fields })) + restOf[kind];
}
