import { once } from "node:events";
import { canonicalEmail } from "../../functions/domain/email.ts";
import type { Return } from "../../functions/domain/return.ts";
import type { Sink, Taken } from "../../functions/sinks/sink.ts";
import type { DesiredRow } from "./desired-rows.ts";

/** A publisher's database that takes returns: one flag, and what goes with it, in each reader's row. */
export class InMemorySink implements Sink {
  /** What was given to it, in all transactions that were committed. */
  readonly given: Return[] = [];
  /** Thrown in place of the commit. */
  failure: Error | undefined;
  /** Whether it takes what it commits. A table whose statements are wrong does not. */
  takes = true;
  /** Whether it never answers. */
  hangs = false;
  readonly #rows: () => DesiredRow[];

  constructor(rows: () => DesiredRow[]) {
    this.#rows = rows;
  }

  async take(
    returns: AsyncIterable<readonly Return[]>,
    { commit, signal }: Parameters<Sink["take"]>[1],
  ): Promise<Taken> {
    const told: Return[] = [];
    for await (const batch of returns) told.push(...batch);
    if (this.hangs && !signal.aborted) await once(signal, "abort");
    signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    const changed = told.filter((row) => this.takes && this.#changes(row));
    if (commit) {
      this.given.push(...told);
      for (const row of changed) this.#apply(row);
    }
    return { rows: told.length, statements: [changed.length] };
  }

  #changes(row: Return): boolean {
    return row.tells === "subscribed" || this.#find(row) >= 0;
  }

  #find({ address }: Return): number {
    return this.#rows().findIndex(({ email }) => canonicalEmail(email) === address);
  }

  #apply(row: Return): void {
    const rows = this.#rows();
    const at = this.#find(row);
    const before: DesiredRow = at < 0 ? { email: row.email, fields: {} } : rows[at]!;
    const after = updated(before, row);
    if (at < 0) rows.push(after);
    else rows[at] = after;
  }
}

function updated(before: DesiredRow, { tells, cause, changedAt, guid, fields }: Return): DesiredRow {
  const values = { ...before.fields, ...fields };
  switch (tells) {
    case "unsubscribed":
    case "bounced":
      return { ...before, subscribed: false, cause: cause === "READER" ? "READER" : "PUBLISHER" };
    case "subscribed":
      return {
        email: before.email,
        subscribed: true,
        ...(changedAt && { consentedAt: Date.parse(changedAt) }),
        fields: { ...values, ...(guid && { guid }) },
      };
    case "updated":
      return { ...before, fields: values };
  }
}
