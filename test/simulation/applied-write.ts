import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { WriteReport } from "../../infra/sandbox/ownpage/subscriber-write.ts";

/** What a write did to the status of one row at the provider. */
export interface Transition {
  readonly email: string;
  readonly before: Subscriber | undefined;
  readonly after: Subscriber;
}

export interface SentRow {
  readonly email: string;
  readonly subscribed?: unknown;
  readonly unsubscribed_cause?: unknown;
}

/** A write that the provider applied. */
export interface AppliedWrite {
  readonly invocation: string;
  readonly sentAt: number;
  readonly at: number;
  readonly rows: readonly SentRow[];
  readonly report: WriteReport;
  /** The list before it. */
  readonly before: ReadonlyMap<string, Subscriber>;
  /** Addresses that the invocation had been shown. */
  readonly known: ReadonlySet<string>;
  readonly transitions: readonly Transition[];
  /** Addresses of which a value was changed or cleared. */
  readonly overwritten: readonly string[];
  /** Whether the answer reached the function whole. */
  isAnswered: boolean;
}
