import type { Change } from "./plan.ts";

/** A change that the provider refused. */
export interface RefusedChange {
  readonly change: Change;
  /** The provider's own words: they may hold an address, and are for the quarantine only. */
  readonly reason: string;
}

/** Something the provider counted in a batch, beside what it should have counted. */
interface Counter {
  readonly predicted: number;
  readonly answered: number;
}

/** What a provider says of a batch it accepted. Every change that is in none of the first three lists was applied. */
export interface BatchAnswer {
  readonly refused: readonly RefusedChange[];
  /** Not sent: by then the address was no longer what the plan saw. */
  readonly stale: readonly Change[];
  /** Not sent again, for the same reason: an earlier attempt that got no answer may have applied them. */
  readonly unconfirmed: readonly Change[];
  /** Applied, of new addresses that the list had by then: their readers subscribed themselves, or an earlier attempt did. */
  readonly held: readonly Change[];
  /** What this provider counts, by its names. */
  readonly counters: Readonly<Record<string, Counter>>;
  /** How often the batch was sent. After the first time the counters may tell only half the story. */
  readonly attempts: number;
}
