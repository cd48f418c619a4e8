import { type Return, returnKinds } from "../../functions/domain/return.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import type { Taking } from "./simulated-sink.ts";

/** After so many runs that told the database the same, the report says that it does not take it. */
const mostTold = 3;

/**
 * Says where a report is not what the database saw.
 *
 * @param stored the returns of the run's plan; undefined if the list does not say where they go
 */
export function* checkReturned(
  { planned, returned }: Partial<SyncReport>,
  stored: readonly Return[] | undefined,
  { id, takings }: { readonly id: string; readonly takings: readonly Taking[] },
): Generator<string> {
  const own = takings.filter(({ invocation }) => invocation === id);
  if (planned === undefined || returned === undefined) {
    if (own.length > 0) yield "it does not mention what was returned";
    return;
  }
  for (const kind of returnKinds) {
    const count = stored?.filter(({ tells }) => tells === kind).length;
    if (stored && planned.returns[kind] !== count)
      yield `${planned.returns[kind]} ${kind}, but ${count} are planned`;
  }
  const { taken, statements, stale, waiting, left, repeated, notTaken } = returned;
  if (taken + stale + waiting + left !== (stored?.length ?? 0))
    yield "what became of the planned returns does not add up";
  const answered = own.find(({ isAnswered }) => isAnswered);
  const committed = answered?.isCommitted ? answered.returns.length : 0;
  if (taken !== committed) yield `${taken} returns were taken, but ${committed} were`;
  if (String(statements) !== String(answered?.counts ?? []))
    yield "the statements changed other numbers of rows";
  const told = own.at(-1)?.returns ?? [];
  const before = takings.filter(({ invocation, isCommitted }) => invocation !== id && isCommitted);
  const times = told.map(
    (row) => before.filter(({ returns }) => returns.some((other) => isSame(row, other))).length,
  );
  if (own.length === 0) return;
  if (repeated > times.filter((count) => count > 0).length) yield "too many returns are called repeated";
  if (notTaken > times.filter((count) => count >= mostTold).length)
    yield "too many returns are called not taken";
}

function isSame(one: Return, other: Return): boolean {
  const textOf = ({ address, tells, cause, changedAt }: Return) =>
    [address, tells, cause, changedAt].join(" ");
  return textOf(one) === textOf(other);
}
