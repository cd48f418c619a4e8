import type { Return } from "../../functions/domain/return.ts";
import { isSameAddress } from "./reference-model.ts";
import { consentOf, type DatabaseRow, type Snapshot } from "./simulated-database.ts";

export interface RowChange {
  readonly told: Return;
  /** Undefined if the row was inserted. */
  readonly before: DatabaseRow | undefined;
  readonly after: DatabaseRow;
}

export interface Executed {
  readonly rows: readonly DatabaseRow[];
  readonly changes: readonly RowChange[];
  /** How many rows each statement changed. */
  readonly counts: readonly number[];
}

/** When a statement is executed, and what the table has. */
type Circumstances = Omit<Snapshot, "rows">;

/** What a statement makes of the rows of one address: none of them if a later word of the reader's stands there. */
type Statement = (
  told: Return,
  rows: readonly DatabaseRow[],
  circumstances: Circumstances,
) => readonly (readonly [before: DatabaseRow | undefined, after: DatabaseRow])[];

/** The statements of `docs/returns.md` for a flag on the reader's row, each executed for every return. */
export function execute(
  rows: readonly DatabaseRow[],
  returns: readonly Return[],
  circumstances: Circumstances,
): Executed {
  const changed = [...rows];
  const changes: RowChange[] = [];
  const counts = statements.map((statement) => {
    const before = changes.length;
    for (const told of returns) {
      const own = changed.filter(({ email }) => isSameAddress(email, told.address));
      for (const [row, after] of statement(told, own, circumstances)) {
        if (row === undefined) changed.push(after);
        else changed[changed.indexOf(row)] = after;
        changes.push({ told, before: row, after });
      }
    }
    return changes.length - before;
  });
  return { rows: changed, changes, counts };
}

const bounce: Statement = ({ tells, changedAt }, rows, { readAt: now }) => {
  if (tells !== "bounced") return [];
  const working = rows.filter(({ bouncedAt }) => bouncedAt === undefined);
  return working.map((row) => [row, { ...row, bouncedAt: timeOf(changedAt, now) }]);
};

const endOfBounce: Statement = ({ tells, changedAt }, rows) => {
  if (tells !== "subscribed") return [];
  const ended = rows.filter(({ bouncedAt = Number.POSITIVE_INFINITY }) => bouncedAt < timeOf(changedAt));
  return ended.map((row) => [row, { ...row, bouncedAt: undefined }]);
};

const optOut: Statement = ({ tells, changedAt, cause }, rows, circumstances) => {
  if (tells !== "unsubscribed") return [];
  const subscribed = rows.filter((row) => row.subscribed === true);
  const hasConsentedSince = (row: DatabaseRow) =>
    consentOf(row, circumstances) > timeOf(changedAt, Number.POSITIVE_INFINITY);
  if (subscribed.some(hasConsentedSince)) return [];
  return subscribed.map((row) => [
    row,
    { ...row, subscribed: false, optedOutAt: timeOf(changedAt, circumstances.readAt), cause },
  ]);
};

const subscription: Statement = ({ tells, email, changedAt, guid, fields = {} }, rows) => {
  if (tells !== "subscribed") return [];
  const firstName = fields["data_firstname"];
  const said = {
    subscribed: true,
    consentedAt: timeOf(changedAt),
    ...(guid !== undefined && { guid }),
    ...(firstName !== undefined && { firstName }),
  } as const;
  if (rows.length === 0) return [[undefined, { email, ...said }]];
  const hasLeftSince = ({ subscribed, optedOutAt = Number.NEGATIVE_INFINITY }: DatabaseRow) =>
    subscribed !== true && optedOutAt >= timeOf(changedAt);
  if (rows.some(hasLeftSince)) return [];
  const others = rows.filter(({ subscribed }) => subscribed !== true);
  return others.map((row) => [row, { ...row, ...said, optedOutAt: undefined, cause: undefined }]);
};

const ownedField: Statement = ({ tells, fields = {} }, rows) => {
  const firstName = fields["data_firstname"];
  if (tells !== "updated" || firstName === undefined) return [];
  const different = rows.filter((row) => (row.firstName ?? "") !== firstName);
  return different.map((row) => [row, { ...row, firstName }]);
};

const statements: readonly Statement[] = [bounce, endOfBounce, optOut, subscription, ownedField];

function timeOf(changedAt: string | undefined, unknown = Number.NEGATIVE_INFINITY): number {
  return changedAt === undefined ? unknown : Date.parse(changedAt);
}
