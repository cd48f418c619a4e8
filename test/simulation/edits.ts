import type { SubscriberList } from "../../infra/sandbox/ownpage/subscriber-list.ts";
import type { Chance } from "./chance.ts";
import type { DatabaseRow, SimulatedDatabase } from "./simulated-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";

export interface Edited {
  readonly chance: Chance;
  /** How many there are: of few, many things happen to each. */
  readonly readers: number;
  readonly time: SimulatedTime;
  readonly list: SubscriberList;
  readonly database: SimulatedDatabase;
}

/** Stays at the provider, whatever happens: of an empty list nothing is compared, and its first load has no limit. */
export const anchor = "reader99@example.fr";

const causes = ["READER", "READER", "READER", "HARD_BOUNCE", "MULTIPLE_BOUNCES", "COMPLAINT", "PUBLISHER"];
const names = ["Ana", "Zoé", "Inès", ""];

/** One of so many addresses, now and then spelled otherwise. */
export function someEmail({ chance, readers }: Pick<Edited, "chance" | "readers">): string {
  const email = `reader${chance.between(1, readers)}@example.fr`;
  return chance.happens(0.1) ? email.replace("r", "R") : email;
}

export function someRow(edited: Edited): DatabaseRow {
  const { chance, time } = edited;
  const subscribed = chance.happens(0.8);
  return {
    email: someEmail(edited),
    subscribed,
    ...(!subscribed && chance.happens(0.5) && { cause: chance.pick(["READER", "PUBLISHER"] as const) }),
    ...(chance.happens(0.6) && { consentedAt: time.now() - chance.between(0, 5_000_000) }),
    ...(chance.happens(0.7) && { guid: String(chance.between(1, 15)) }),
    firstName: chance.pick(names),
  };
}

/** A reader, or somebody at the publisher, does something. */
export function editSomething(edited: Edited): void {
  const { chance, database } = edited;
  if (chance.happens(0.5)) editProvider(edited);
  else database.rows = editedRows(database.rows, edited);
}

/** Somebody of whom the provider has known for a while, subscribed or not. */
export function populateProvider(edited: Edited): void {
  const { chance, time, list } = edited;
  const ago = () => new Date(time.now() - chance.between(0, 5_000_000));
  const email = someEmail(edited);
  list.set({ email, subscribed_at: ago().toISOString(), data_firstname: chance.pick(["Ana", "Zoé"]) });
  if (chance.happens(0.4)) list.optOut(email, chance.pick(causes), ago());
}

/** One of these readers opts out, at the provider and at this moment. */
export function leaveOneOf(emails: readonly string[], { chance, list }: Edited): void {
  const known = emails.filter((email) => list.get(email) !== undefined);
  if (known.length > 0) list.optOut(chance.pick(known));
}

/** By the provider's own forms: a reader leaves, comes back or comes anew; or a mail bounces. */
function editProvider(edited: Edited): void {
  const { chance, time, list } = edited;
  const known = [...list.values()].filter(({ email }) => email !== anchor);
  const kind = chance.pick(["leave", "leave", "leave", "come back", "come anew", "be deleted"] as const);
  const reader = known.length > 0 ? chance.pick(known) : undefined;
  if (kind === "come anew") list.set({ email: someEmail(edited) });
  else if (reader === undefined) return;
  else if (kind === "leave") list.optOut(reader.email, chance.pick(causes));
  else if (kind === "be deleted") list.delete(reader.email);
  else {
    const { unsubscribed_at: _at, unsubscribed_cause: _cause, ...kept } = reader;
    list.set({ ...kept, subscribed: true, subscribed_at: new Date(time.now()).toISOString() });
  }
}

function editedRows(rows: readonly DatabaseRow[], edited: Edited): DatabaseRow[] {
  const { chance, time } = edited;
  const place = chance.between(0, rows.length - 1);
  const row = rows[place]!;
  switch (chance.pick(["add", "remove", "leave", "consent", "consent", "rename", "respell"] as const)) {
    case "add":
      return [...rows, someRow(edited)];
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
