import type { Change } from "../../domain/plan.ts";
import { ProviderRefusalError } from "../../domain/provider-errors.ts";
import type { WritingTools } from "./constant-contact-list.ts";
import type { Contact } from "./contact.ts";

/** That the contact has been asked before, or has not opted out. */
const nothingToAsk: readonly number[] = [400, 409];

/**
 * Asks readers who opted out of everything, and consented anew since, to confirm it by the provider's mail: nothing else
 * brings them back.
 *
 * @returns the resubscriptions that are done by that
 */
export async function askAgain(
  changes: readonly Change[],
  { client, look, asked, clock, listId, note }: WritingTools,
  signal: AbortSignal,
): Promise<ReadonlySet<Change>> {
  const resubscriptions = changes.filter(({ kind, saw }) => kind === "resubscribe" && saw.cause === "READER");
  if (asked === undefined || resubscriptions.length === 0) return new Set();
  const { standingOf, contactsOf } = await look.at(resubscriptions, signal);
  const done = new Set<Change>();
  for (const change of resubscriptions) {
    if (standingOf(change) !== "unfit") continue;
    const contact = contactsOf(change).find(isAskable);
    if (contact !== undefined) {
      await client.askAgain(contact.id, [listId], signal).catch(unlessNothingToAsk);
      done.add(change);
    }
    // Whoever cannot be asked is not tried again either.
    await asked.add(
      contactsOf(change).map(({ id }) => id),
      clock.now(),
    );
  }
  if (done.size === 0) return done;
  note(`readers whom the provider has asked by mail whether to subscribe again: ${done.size}`);
  return done;
}

function isAskable({ permission, deletedAt }: Contact): boolean {
  return permission === "unsubscribed" && deletedAt === undefined;
}

function unlessNothingToAsk(error: unknown): void {
  const isKnown = error instanceof ProviderRefusalError && nothingToAsk.includes(error.status);
  if (!isKnown) throw error;
}
