import type { Contact } from "../contact.ts";
import type { Departure, MirrorContact } from "./mirror-contact.ts";

/** How far the provider's index may lag behind what was written: readings closer than this have no sure order. */
export const lagMs = 30 * 60_000;

const dayMs = 24 * 3_600_000;

/** When a reading was made, in ms since the epoch. */
export interface ReadingTimes {
  readonly beganAt: number;
  readonly endedAt: number;
  /** When the refresh before it began; absent if there was none. */
  readonly previousAt?: number | undefined;
}

/**
 * What a contact is after one more reading. The later reading counts, except that
 *
 * - of two readings close to each other, one that shows older clocks is stale, and a list that was left is not joined again
 *   unless a clock has moved since: nobody who left is put back because an index lags;
 * - a list that a run of ours has just added is not left: nobody is told to have left because an index lags;
 * - a list that is gone was left, by the reader unless a run of ours was removing it;
 * - a list that is new was joined, after the refresh before at the earliest; one that had been left, after the contact was
 *   last seen off it, so that a removal which had no effect is not a newer word than the database's.
 */
export function mergeReading(
  before: MirrorContact | undefined,
  contact: Contact,
  times: ReadingTimes,
): MirrorContact {
  if (before === undefined) return { ...contact, seenAt: times.endedAt };
  const isClose = times.beganAt < before.seenAt + lagMs;
  if (isClose && clockOf(contact) < clockOf(before)) return before;
  const shown = isClose ? contact.lists.filter((list) => !isStillLeft(before, contact, list)) : contact.lists;
  const added = addedBefore(before, times);
  const isKept = (list: string) => contact.deletedAt === undefined && !shown.includes(list);
  const lists = [...shown, ...Object.keys(added ?? {}).filter(isKept)];
  return {
    ...contact,
    lists,
    seenAt: Math.max(before.seenAt, times.endedAt),
    ...historyOf(before, { ...contact, lists }, times),
    added,
  };
}

/** The lists that a run of ours had added so shortly before that a reading may not show it. */
function addedBefore({ added = {} }: MirrorContact, { beganAt }: ReadingTimes): MirrorContact["added"] {
  const recent = Object.entries(added).filter(([, at]) => beganAt < at + lagMs);
  return unlessEmpty(Object.fromEntries(recent));
}

/** A run of ours that takes contacts off a list. */
export interface Removal {
  readonly list: string;
  readonly by: "READER" | "PUBLISHER";
  readonly at: number;
  /** Whether the provider has done it; else it is about to be asked. */
  readonly isDone: boolean;
}

/** Changes nothing about a contact that is not on the list: it had left by itself. */
export function mergeRemoval(before: MirrorContact, { list, by, at, isDone }: Removal): MirrorContact {
  if (!before.lists.includes(list)) return before;
  const left = { ...before.left, [list]: { at, by } };
  if (!isDone) return { ...before, left };
  const lists = before.lists.filter((other) => other !== list);
  return {
    ...before,
    lists,
    seenAt: Math.max(before.seenAt, at),
    left,
    joined: without(before.joined, list),
    added: without(before.added, list),
  };
}

/** A run of ours that put contacts on a list. */
export interface Addition {
  readonly list: string;
  /** When the provider was asked, and when it was known to have done it; in ms since the epoch. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/**
 * Whoever a run of ours put on a list is on it until a reading shows that they left, and whoever is not shown on it by then
 * has left it, unless a deletion alone took them off it. Merging the same addition twice changes nothing.
 */
export function mergeAddition(before: MirrorContact, { list, beganAt, endedAt }: Addition): MirrorContact {
  const { deletedAt, seenAt, left } = before;
  if (before.lists.includes(list) || (left?.[list] && (deletedAt !== undefined || left[list].at >= endedAt)))
    return before;
  if (deletedAt !== undefined || seenAt > endedAt + lagMs) {
    return { ...before, left: { ...left, [list]: { at: seenAt, by: whoLeft(before) } } };
  }
  return {
    ...before,
    lists: [...before.lists, list],
    seenAt: Math.max(seenAt, endedAt),
    left: without(left, list),
    joined: { ...before.joined, [list]: beganAt },
    added: { ...before.added, [list]: endedAt },
  };
}

/** A contact that a reading of the whole account no longer shows counts as deleted. */
export function mergeAbsence(before: MirrorContact, times: ReadingTimes): MirrorContact {
  if (before.seenAt >= times.beganAt) return before;
  const deletedAt = before.deletedAt ?? times.endedAt;
  const contact = { ...before, deletedAt, lists: [] };
  return { ...contact, seenAt: times.endedAt, ...historyOf(before, contact, times) };
}

function historyOf(before: MirrorContact, contact: Contact, times: ReadingTimes) {
  const left: Record<string, Departure> = { ...before.left };
  const joined: Record<string, number> = { ...before.joined };
  for (const list of before.lists) {
    if (contact.lists.includes(list)) {
      // What was to be removed a day ago and is still on the list was not removed.
      if (left[list] && times.beganAt - left[list].at > dayMs) delete left[list];
      continue;
    }
    const by = left[list]?.by ?? whoLeft(contact);
    left[list] = { at: times.endedAt, by };
    delete joined[list];
  }
  for (const list of contact.lists) {
    if (before.lists.includes(list)) continue;
    delete left[list];
    const { previousAt = before.seenAt } = times;
    joined[list] = Math.max(contact.updatedAt, hasLeft(before, list) ? before.seenAt : previousAt);
  }
  return { left: unlessEmpty(left), joined: unlessEmpty(joined) };
}

/** Who took a contact off its lists, if no run of ours did: a reader who opted out of everything had left before a deletion. */
function whoLeft({ deletedAt, permission }: Contact): "READER" | "DELETION" {
  return deletedAt === undefined || permission === "unsubscribed" ? "READER" : "DELETION";
}

/** Whether a contact that is shown on a list may have been read before it left it. */
function isStillLeft(before: MirrorContact, contact: Contact, list: string): boolean {
  return hasLeft(before, list) && clockOf(contact) <= Math.max(clockOf(before), before.left![list]!.at);
}

function hasLeft(contact: MirrorContact, list: string): boolean {
  const departure = contact.left?.[list];
  return departure !== undefined && departure.by !== "DELETION" && !contact.lists.includes(list);
}

/** Neither clock moves with the other, and none may move with a list. */
function clockOf({ updatedAt, optedOutAt = 0, optedInAt = 0 }: Contact): number {
  return Math.max(updatedAt, optedOutAt, optedInAt);
}

function without<Value>(
  record: Readonly<Record<string, Value>> = {},
  list: string,
): Record<string, Value> | undefined {
  const { [list]: _, ...others } = record;
  return unlessEmpty(others);
}

function unlessEmpty<Value>(record: Record<string, Value>): Record<string, Value> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
