import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import {
  damaged,
  type EditTargets,
  names,
  type RowTargets,
  randomCause,
  randomConsent,
  randomEmail,
  randomRow,
} from "./random-readers.ts";
import type { DatabaseRow } from "./simulated-database.ts";

/** Never leaves the provider: an empty list may be filled without a limit. */
export const anchor = "reader99@example.fr";

const providerEdits = [
  ...["leave", "leave", "leave", "come back", "join", "be deleted"],
  ...["move", "be taken off", "be put back", "be renamed"],
] as const;

const databaseEdits = [
  ...["add", "remove", "leave", "consent", "consent", "rename", "respell"],
  ...["damage", "mumble", "hesitate", "move", "confuse"],
] as const;

/** Lets a reader, an editor, or somebody at the publisher change something. */
export function makeRandomEdit(targets: EditTargets): void {
  const { chance, database } = targets;
  if (database.isExported && chance.happens(0.2)) database.export();
  else if (chance.happens(0.5)) editProvider(targets);
  else database.rows = editRows(database.rows, targets);
}

/** Opts one of these readers out at the provider, now. */
export function optOutOneOf(emails: readonly string[], { chance, list }: EditTargets): void {
  const known = emails.filter((email) => list.get(email) !== undefined);
  if (known.length > 0) list.optOut(chance.pick(known));
}

/** Acts as the provider's own forms and its dashboard do; or a mail bounces. */
function editProvider(targets: EditTargets): void {
  const { chance, list } = targets;
  const known = [...list.values()].filter(({ email }) => email !== anchor);
  const kind = chance.pick(providerEdits);
  const reader = known.length > 0 ? chance.pick(known) : undefined;
  if (kind === "join") list.set({ email: randomEmail(targets) });
  else if (reader === undefined) return;
  else if (kind === "leave") list.optOut(reader.email, randomCause(chance));
  else if (kind === "be deleted") list.delete(reader.email);
  else if (kind === "come back") comeBack(reader, targets);
  else if (kind === "move") moveReader(reader, targets);
  else if (kind === "be renamed" && reader["data_firstname"]) {
    list.put({ ...reader, data_firstname: chance.pick(["Ana", "Zoé"]) });
  } else if (kind === "be taken off") takeOff(known, targets);
  else if (kind === "be put back") {
    for (const one of known) if (one.unsubscribed_cause === "PUBLISHER") comeBack(one, targets);
  }
}

function comeBack(reader: Subscriber, { time, list }: EditTargets): void {
  const { unsubscribed_at: _at, unsubscribed_cause: _cause, ...kept } = reader;
  list.put({ ...kept, subscribed: true, subscribed_at: new Date(time.now()).toISOString() });
}

/** The reader leaves under this address; the database, told of another one, has it with the same guid. */
function moveReader({ email, guid }: Subscriber, targets: EditTargets): void {
  const { chance, list, database } = targets;
  list.optOut(email);
  const { guid: _guid, ...row } = randomRow(targets);
  if (chance.happens(0.7)) database.rows = [...database.rows, { ...row, subscribed: true, guid }];
}

/** An editor unsubscribes some readers in the dashboard. */
function takeOff(known: readonly Subscriber[], { chance, list }: EditTargets): void {
  for (const { email, subscribed } of known) {
    if (subscribed && chance.happens(0.4)) list.optOut(email, "PUBLISHER");
  }
}

/** Now and then, the publisher takes a consent for a sign that the address works again. */
function consented({ bouncedAt, ...row }: DatabaseRow, targets: RowTargets): DatabaseRow {
  const isForgiven = targets.chance.happens(0.5);
  const consentedAt = randomConsent(targets);
  return { ...row, subscribed: true, consentedAt, ...(!isForgiven && { bouncedAt }) };
}

/** Lets somebody at the publisher change one row, or several. */
export function editRows(rows: readonly DatabaseRow[], targets: RowTargets): DatabaseRow[] {
  const { chance } = targets;
  const place = chance.between(0, rows.length - 1);
  const row = rows[place]!;
  switch (chance.pick(databaseEdits)) {
    case "add":
      return [...rows, randomRow(targets)];
    case "remove":
      return rows.length > 1 ? rows.toSpliced(place, 1) : [...rows];
    case "leave":
      return rows.with(place, { ...row, subscribed: false, optedOutAt: targets.time.now() });
    case "consent":
      return rows.with(place, consented(row, targets));
    case "rename":
      return rows.with(place, { ...row, firstName: chance.pick(names) });
    case "respell":
      return rows.with(place, { ...row, email: row.email.toUpperCase() });
    case "damage":
      return rows.with(place, { ...row, email: damaged(row.email, chance) });
    case "mumble":
      return rows.with(place, { ...row, subscribed: "perhaps" });
    case "hesitate":
      return rows.with(place, { ...row, subscribed: undefined });
    case "move":
      return rows.with(place, { ...row, email: randomEmail(targets) });
    case "confuse":
      return rows.map((one) => (chance.happens(0.5) ? { ...one, email: damaged(one.email, chance) } : one));
  }
}
