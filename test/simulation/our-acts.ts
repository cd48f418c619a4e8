import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { AppliedWrite } from "./applied-write.ts";
import { isSameAddress } from "./reference-model.ts";

interface Act {
  readonly invocation: string;
  readonly kind: "subscribed" | "unsubscribed";
  readonly at: number;
  /** Whether the run was told that it was done, and the provider shows it. */
  readonly isTold: boolean;
}

const hourMs = 3_600_000;
/** A run notes an act later than the provider does it, and to the minute. */
const toleranceMs = 16 * 60_000;

/** What runs of ours did to addresses, as the provider saw it, and whether their memory must know of it. */
export class OurActs {
  readonly #writes: readonly AppliedWrite[];
  readonly #graceHours: number;
  /** Invocations whose memory is whole. */
  readonly #remembered = new Set<string>();
  #forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(writes: readonly AppliedWrite[], graceHours: number) {
    this.#writes = writes;
    this.#graceHours = graceHours;
  }

  remember(invocation: string): void {
    this.#remembered.add(invocation);
  }

  /** The memory may have lost all that was done so far. */
  forget(now: number): void {
    this.#remembered.clear();
    this.#forgottenAt = now;
  }

  /** Whether it may be forgotten that a run of ours unsubscribed the row. */
  mayBeForgotten({ unsubscribed_at = "" }: Subscriber): boolean {
    return Date.parse(unsubscribed_at) - hourMs - toleranceMs < this.#forgottenAt;
  }

  /** Whether a run of ours made the row what it is: all that a run may think that starts now. */
  answersFor(row: Subscriber, now: number): readonly boolean[] {
    const acts = this.#writes.filter(({ at }) => at < now).flatMap((write) => actsOn(row.email, write));
    const kind = row.subscribed ? "subscribed" : "unsubscribed";
    const changedAt = Date.parse((row.subscribed ? row.subscribed_at : row.unsubscribed_at)!);
    const distances = acts.filter((act) => act.kind === kind).map(({ at }) => Math.abs(at - changedAt));
    if (!distances.some((distance) => distance <= hourMs + toleranceMs)) return [false];
    const last = acts.at(-1)!;
    const isKnown = last.kind === kind && last.isTold && this.#remembered.has(last.invocation);
    const isNear = Math.abs(last.at - changedAt) <= hourMs - toleranceMs;
    const isKept = kind === "unsubscribed" || now - last.at <= this.#graceHours * hourMs - toleranceMs;
    return isKnown && isNear && isKept ? [true] : [true, false];
  }
}

/**
 * An update is none, even one that creates somebody anew who was deleted meanwhile; only the run knows that it was one.
 * Who joined a moment before may have been sent as new.
 */
function actsOn(
  email: string,
  { invocation, at, rows, known, before, transitions, isAnswered }: AppliedWrite,
): Act[] {
  return rows
    .filter((row) => isSameAddress(row.email, email))
    .flatMap((row) => {
      const transition = transitions.find((one) => one.email === row.email);
      const mayBeUpdate = row.subscribed === undefined && known.has(row.email);
      const wasThere = Date.parse(before.get(row.email)?.subscribed_at ?? "") < at - toleranceMs;
      if (mayBeUpdate && wasThere && transition === undefined) return [];
      const kind = row.subscribed === false ? "unsubscribed" : "subscribed";
      return { invocation, kind, at, isTold: isAnswered && transition !== undefined && !mayBeUpdate };
    });
}

/** Whatever a run may have thought of rows: each time, those that it took for the work of earlier runs. */
export function guesses(
  rows: readonly Subscriber[],
  answersFor: (row: Subscriber) => readonly boolean[],
): ReadonlySet<Subscriber>[] {
  return rows.reduce<ReadonlySet<Subscriber>[]>(
    (guessed, row) =>
      answersFor(row).flatMap((isOurs) => guessed.map((ours) => (isOurs ? new Set([...ours, row]) : ours))),
    [new Set()],
  );
}
