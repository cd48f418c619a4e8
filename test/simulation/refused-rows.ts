import type { Change } from "../../functions/domain/plan.ts";
import type { SentRow } from "./applied-write.ts";

const weekMs = 7 * 24 * 3_600_000;
/** A memory knows times to the minute, and a run takes up to a quarter of an hour. */
const slackMs = 16 * 60_000;

interface Refusal {
  readonly content: string;
  readonly since: number;
}

/** Rows that the provider refused, by address, as far as the memory must know of them. */
export class RefusedRows {
  readonly #refusals = new Map<string, Refusal>();
  readonly #ever = new Set<string>();

  add(change: Change, at: number): void {
    const content = contentOf(sentRowOf(change));
    this.#ever.add(content);
    const earlier = this.#refusals.get(change.email);
    if (earlier?.content === content && at - earlier.since < weekMs) return;
    this.#refusals.set(change.email, { content, since: at });
  }

  /** The provider took a row of the address in this spelling. */
  delete(email: string): void {
    this.#refusals.delete(email);
  }

  /** The memory may have lost them. */
  forget(): void {
    this.#refusals.clear();
  }

  /** Whether the same row was refused at any time: then it has passed its limit once. */
  everHad(row: SentRow): boolean {
    return this.#ever.has(contentOf(row));
  }

  /** Whether the same row was refused within the week. */
  has(row: SentRow, now: number): boolean {
    const refusal = this.#refusals.get(row.email);
    return refusal?.content === contentOf(row) && now - refusal.since < weekMs - slackMs;
  }
}

function sentRowOf(change: Change): SentRow {
  const { email } = change;
  if (change.kind === "unsubscribe") return { email, subscribed: false, unsubscribed_cause: change.cause };
  return { email, ...change.fields };
}

/** Whether a row asks to lift an unsubscription does not matter: the other values may be what is bad. */
function contentOf({ subscribed, ...row }: SentRow): string {
  return JSON.stringify(Object.entries({ ...row, left: subscribed === false }).sort());
}
