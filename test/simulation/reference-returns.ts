import type { Return } from "../../functions/domain/return.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import { type ReaderOptions, readerOf } from "./readers.ts";
import {
  desiredOf,
  fateOf,
  isBounce,
  isByPublisher,
  isNews,
  isSameAddress,
  objectionsTo,
  type Policy,
  subscriptionOf,
} from "./reference-model.ts";
import type { Snapshot } from "./simulated-database.ts";

interface Sides extends ReaderOptions {
  readonly policy: Policy;
  /** Whether the provider shows its `data_*` fields. */
  readonly showsData: boolean;
}

/** The rules of the returns, stated a second time and as plainly as possible: whether one follows from the two sides. */
export function isRight(told: Return, sides: Sides): boolean {
  const { address, email } = told;
  const desired = desiredOf(sides.snapshot, address);
  if (!isSameAddress(email, address)) return false;
  const spellings = sides.rows.filter((row) => isSameAddress(row.email, address));
  const staying = latestOf(
    spellings.filter((row) => isSubscribedAfterwards(row, sides)),
    sides.policy,
  );
  switch (told.tells) {
    case "unsubscribed":
    case "bounced":
      if (!desired?.subscribed || staying.length > 0) return false;
      return objectionsOf(address, spellings, sides).some((row) => tellsDeparture(told, row));
    case "subscribed":
      if (desired?.subscribed || !staying.some((row) => isToBeTold(row, sides))) return false;
      if (desired !== undefined && isReadSince(told, sides.snapshot)) return false;
      return staying.some((row) => tellsSubscription(told, row, sides));
    case "updated":
      if (!desired?.subscribed || !sides.showsData) return false;
      return staying.map(firstNameOf).some((firstName) => {
        const isOwned = sides.policy.providerFields.includes("data_firstname");
        const isTold = JSON.stringify(told.fields) === JSON.stringify({ data_firstname: firstName });
        return isOwned && isTold && firstName !== (desired.firstName ?? "");
      });
  }
}

/** What keeps a reader out whom the database wants, in every spelling, and is not our own doing. */
export function objectionsOf(
  address: string,
  spellings: readonly Subscriber[],
  sides: Omit<Sides, "showsData">,
): Subscriber[] {
  const rows = spellings.length > 0 ? spellings : [undefined];
  const objections = rows.map((row) =>
    objectionsTo(row, readerOf(row?.email ?? address, row, sides), sides.policy),
  );
  if (objections.some(({ length }) => length === 0)) return [];
  return objections.flat().filter((row) => !(isByPublisher(row) && sides.isOurs(row)));
}

/** Who opted out under another address with the same guid is a reader, whatever the cause is there. */
function tellsDeparture({ tells, address, cause, changedAt }: Return, row: Subscriber): boolean {
  const itsCause = row.unsubscribed_cause === "COMPLAINT" ? "UNKNOWN" : row.unsubscribed_cause;
  const isOwn = isSameAddress(row.email, address);
  return (
    tells === (isBounce(row) ? "bounced" : "unsubscribed") &&
    cause === (isOwn ? itsCause : "READER") &&
    changedAt === row.unsubscribed_at
  );
}

/** Never told as later than it was: only the second is known, and of what was long ago the day. */
function tellsSubscription(told: Return, row: Subscriber, { policy, showsData }: Sides): boolean {
  const { changedAt = "", guid, fields } = told;
  const at = Date.parse(changedAt);
  const isNear = at <= Date.parse(row.subscribed_at) && at >= subscriptionOf(row, policy);
  const isShown = showsData || fields === undefined;
  return isNear && isShown && guid === row.guid && (fields?.["data_firstname"] ?? "") === firstNameOf(row);
}

function isToBeTold(row: Subscriber, sides: Sides): boolean {
  const { policy } = sides;
  const reader = readerOf(row.email, row, sides);
  if (reader.desired === undefined && reader.isShielded) return false;
  if (isNews(row, reader, policy)) return true;
  return reader.desired === undefined && policy.onlyAtProvider === "return";
}

/** Whether the database had heard of whatever came before it was read for this run. Subscriptions are known to the second. */
function isReadSince({ changedAt = "" }: Return, { readAt }: Snapshot): boolean {
  return Date.parse(changedAt) < Math.floor(readAt / 1000) * 1000;
}

function isSubscribedAfterwards(row: Subscriber, sides: Sides): boolean {
  const fate = fateOf(row, readerOf(row.email, row, sides), sides.policy);
  return fate === "as it was" ? row.subscribed : fate === "subscribed";
}

/** As far as their times are known. */
function latestOf(rows: readonly Subscriber[], policy: Policy): Subscriber[] {
  const latest = Math.max(...rows.map((row) => subscriptionOf(row, policy)));
  return rows.filter((row) => subscriptionOf(row, policy) === latest);
}

function firstNameOf(row: Subscriber): unknown {
  return row["data_firstname"] ?? "";
}
