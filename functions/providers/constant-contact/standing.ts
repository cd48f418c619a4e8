import type { Change } from "../../domain/plan.ts";
import type { Contact } from "./contact.ts";

/**
 * What an address is for a list: on it; known, to be mailed and not on it; the same of a reader who has just done something
 * themselves, and may have joined and left; not to be mailed; unknown to the account.
 */
export type Standing = "member" | "outside" | "moved" | "unfit" | "unknown";

interface Place {
  readonly listId: string;
  /** When the run that made the plan began, in ms since the epoch. */
  readonly since: number;
}

/** The provider's times are whole seconds. */
const precisionMs = 1_000;

/** @param contacts all who have the address: of a deleted one and a living one, the living one counts */
export function standingOf(contacts: readonly Contact[], { listId, since }: Place): Standing {
  if (contacts.length === 0) return "unknown";
  const living = contacts.filter(({ deletedAt }) => deletedAt === undefined);
  if (living.length === 0 || !living.every(mayBeMailed)) return "unfit";
  if (living.some(({ lists }) => lists.includes(listId))) return "member";
  const hasMoved = living.some(
    ({ byReaderAt }) => byReaderAt !== undefined && byReaderAt > since - precisionMs,
  );
  return hasMoved ? "moved" : "outside";
}

function mayBeMailed({ permission }: Contact): boolean {
  return permission === "explicit" || permission === "implicit";
}

/**
 * Whether an import of a change does what the plan means, and no more: it puts every row on the list.
 *
 * | change | member | outside | moved | unfit | unknown |
 * |---|---|---|---|---|---|
 * | subscribe | yes | yes | no | no | yes |
 * | update | yes | no | no | no | no |
 * | resubscribe | no | yes | no | no | no |
 */
export function mayBeSent({ kind }: Change, standing: Standing): boolean {
  switch (kind) {
    case "subscribe":
      return standing !== "unfit" && standing !== "moved";
    case "update":
      return standing === "member";
    case "resubscribe":
      return standing === "outside";
    case "unsubscribe":
      return true;
  }
}
