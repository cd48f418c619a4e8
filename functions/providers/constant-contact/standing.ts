import type { Change } from "../../domain/plan.ts";
import type { Contact } from "./contact.ts";

/** What an address is for a list: on it; known, to be mailed and not on it; not to be mailed; unknown to the account. */
export type Standing = "member" | "outside" | "unfit" | "unknown";

/** @param contacts all who have the address: of a deleted one and a living one, the living one counts */
export function standingOf(contacts: readonly Contact[], listId: string): Standing {
  if (contacts.length === 0) return "unknown";
  const living = contacts.filter(({ deletedAt }) => deletedAt === undefined);
  if (living.length === 0 || !living.every(mayBeMailed)) return "unfit";
  return living.some(({ lists }) => lists.includes(listId)) ? "member" : "outside";
}

function mayBeMailed({ permission }: Contact): boolean {
  return permission === "explicit" || permission === "implicit";
}

/**
 * Whether an import of a change does what the plan means, and no more: it puts every row on the list.
 *
 * | change | member | outside | unfit | unknown |
 * |---|---|---|---|---|
 * | subscribe | yes | yes | no | yes |
 * | update | yes | no | no | no |
 * | resubscribe | no | yes | no | no |
 */
export function mayBeSent({ kind }: Change, standing: Standing): boolean {
  switch (kind) {
    case "subscribe":
      return standing !== "unfit";
    case "update":
      return standing === "member";
    case "resubscribe":
      return standing === "outside";
    case "unsubscribe":
      return true;
  }
}
