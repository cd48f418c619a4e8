import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { Chance } from "./chance.ts";
import type { DatabaseRow, SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** Both sides of a list, as readers and the publisher change them. */
export interface EditTargets {
  readonly chance: Chance;
  /** How many readers there are: if few, much happens to each. */
  readonly readers: number;
  readonly time: SimulatedTime;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
}

/** Never leaves the provider: an empty list would have nothing to compare, and no limit for its first load. */
export const anchor = "reader99@example.fr";

const causes = ["READER", "READER", "READER", "HARD_BOUNCE", "MULTIPLE_BOUNCES", "COMPLAINT", "PUBLISHER"];
const names = ["Ana", "Zoé", "Inès", ""];

/** The address of some reader, now and then in another spelling. */
export function randomEmail({ chance, readers }: Pick<EditTargets, "chance" | "readers">): string {
  const email = `reader${chance.between(1, readers)}@example.fr`;
  return chance.happens(0.1) ? email.replace("r", "R") : email;
}

export function randomRow(targets: EditTargets): DatabaseRow {
  const { chance, time } = targets;
  const subscribed = chance.happens(0.8);
  return {
    email: randomEmail(targets),
    subscribed,
    ...(!subscribed && chance.happens(0.5) && { cause: chance.pick(["READER", "PUBLISHER"] as const) }),
    ...(chance.happens(0.6) && { consentedAt: time.now() - chance.between(0, 5_000_000) }),
    ...(chance.happens(0.7) && { guid: String(chance.between(1, 15)) }),
    firstName: chance.pick(names),
  };
}

/** Lets a reader, or somebody at the publisher, change something. */
export function makeRandomEdit(targets: EditTargets): void {
  const { chance, database } = targets;
  if (chance.happens(0.5)) editProvider(targets);
  else database.rows = editRows(database.rows, targets);
}

/** Adds a reader whom the provider has known for a while, subscribed or not. */
export function populateProvider(targets: EditTargets): void {
  const { chance, time, list } = targets;
  const ago = () => new Date(time.now() - chance.between(0, 5_000_000));
  const email = randomEmail(targets);
  list.set({ email, subscribed_at: ago().toISOString(), data_firstname: chance.pick(["Ana", "Zoé"]) });
  if (chance.happens(0.4)) list.optOut(email, chance.pick(causes), ago());
}

/** Opts one of these readers out at the provider, now. */
export function optOutOneOf(emails: readonly string[], { chance, list }: EditTargets): void {
  const known = emails.filter((email) => list.get(email) !== undefined);
  if (known.length > 0) list.optOut(chance.pick(known));
}

/** Acts as the provider's own forms do: a reader leaves, comes back, joins or is deleted; or a mail bounces. */
function editProvider(targets: EditTargets): void {
  const { chance, time, list } = targets;
  const known = [...list.values()].filter(({ email }) => email !== anchor);
  const kind = chance.pick(["leave", "leave", "leave", "come back", "join", "be deleted"] as const);
  const reader = known.length > 0 ? chance.pick(known) : undefined;
  if (kind === "join") list.set({ email: randomEmail(targets) });
  else if (reader === undefined) return;
  else if (kind === "leave") list.optOut(reader.email, chance.pick(causes));
  else if (kind === "be deleted") list.delete(reader.email);
  else {
    const { unsubscribed_at: _at, unsubscribed_cause: _cause, ...kept } = reader;
    list.set({ ...kept, subscribed: true, subscribed_at: new Date(time.now()).toISOString() });
  }
}

function editRows(rows: readonly DatabaseRow[], targets: EditTargets): DatabaseRow[] {
  const { chance, time } = targets;
  const place = chance.between(0, rows.length - 1);
  const row = rows[place]!;
  switch (chance.pick(["add", "remove", "leave", "consent", "consent", "rename", "respell"] as const)) {
    case "add":
      return [...rows, randomRow(targets)];
    case "remove":
      return rows.length > 1 ? rows.toSpliced(place, 1) : [...rows];
    case "leave":
      return rows.with(place, { ...row, subscribed: false });
    case "consent":
      return rows.with(place, { ...row, subscribed: true, consentedAt: time.now() });
    case "rename":
      return rows.with(place, { ...row, firstName: chance.pick(names) });
    case "respell":
      return rows.with(place, { ...row, email: row.email.toUpperCase() });
  }
}
