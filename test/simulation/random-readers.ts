import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { Chance } from "./chance.ts";
import type { DatabaseRow, SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** What it takes to draw a row of the database. */
export interface RowTargets {
  readonly chance: Chance;
  /** How many readers there are: if few, much happens to each. */
  readonly readers: number;
  readonly time: SimulatedTime;
}

/** Both sides of a list, as readers, editors and the publisher change them. */
export interface EditTargets extends RowTargets {
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
}

const hourMs = 3_600_000;
const causes = ["READER", "READER", "READER", "HARD_BOUNCE", "MULTIPLE_BOUNCES", "COMPLAINT", "PUBLISHER"];
export const names = ["Ana", "Zoé", "Inès", ""];

/** The address of some reader, now and then in another spelling. */
export function randomEmail({ chance, readers }: Pick<RowTargets, "chance" | "readers">): string {
  const email = `reader${chance.between(1, readers)}@example.fr`;
  return chance.happens(0.1) ? email.replace("r", "R") : email;
}

export function randomCause(chance: Chance): string {
  return chance.pick(causes);
}

/** Usually the reader's own, sometimes one that other rows have, too. */
function guidFor(email: string, chance: Chance): string {
  return chance.happens(0.6) ? email.replace(/\D/g, "") : String(chance.between(1, 15));
}

/** An address as a broken form or a broken join leaves it. */
export function damaged(email: string, chance: Chance): string {
  return chance.pick(["", "n/a", `${email};`, `${email}, ${email}`, email.replace("@", "\u200b@"), "@"]);
}

/** Mostly of the last hour, sometimes of long ago, of tomorrow, or no time at all. */
export function randomConsent({ chance, time }: RowTargets): number | "infinity" {
  const kind = chance.pick(["recent", "recent", "recent", "old", "future", "no time"] as const);
  if (kind === "no time") return "infinity";
  if (kind === "future") return time.now() + chance.between(1, 30) * hourMs;
  return time.now() - chance.between(0, kind === "recent" ? 5_000_000 : 100 * hourMs);
}

export function randomRow(targets: RowTargets): DatabaseRow {
  const { chance } = targets;
  const email = randomEmail(targets);
  const subscribed = chance.happens(0.05) ? undefined : chance.happens(0.8);
  return {
    email: chance.happens(0.05) ? damaged(email, chance) : email,
    subscribed,
    ...(subscribed === false &&
      chance.happens(0.5) && { cause: chance.pick(["READER", "PUBLISHER"] as const) }),
    ...(subscribed === false &&
      chance.happens(0.7) && { optedOutAt: targets.time.now() - chance.between(0, 5_000_000) }),
    ...(chance.happens(0.6) && { consentedAt: randomConsent(targets) }),
    ...(chance.happens(0.7) && { guid: guidFor(email, chance) }),
    firstName: chance.pick(names),
  };
}

/** Adds a reader whom the provider has known for a while, now and then in two spellings. */
export function populateProvider(targets: EditTargets): void {
  const email = randomEmail(targets);
  addRow(email, targets);
  if (targets.chance.happens(0.2)) addRow(email.replace("d", "D"), targets);
}

function addRow(email: string, { chance, time, list }: EditTargets): void {
  const mostMs = chance.pick([5_000_000, 60 * hourMs]);
  const ago = () => new Date(time.now() - chance.between(0, mostMs));
  list.set({
    email,
    subscribed_at: ago().toISOString(),
    ...(chance.happens(0.5) && { guid: guidFor(email, chance) }),
    data_firstname: chance.pick(["Ana", "Zoé"]),
  });
  if (chance.happens(0.4)) list.optOut(email, randomCause(chance), ago());
}
