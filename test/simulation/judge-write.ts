import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import type { AppliedWrite, Transition } from "./applied-write.ts";
import type { LimitedGroup } from "./day-limits.ts";
import type { Promised } from "./promises.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import { readerOf } from "./readers.ts";
import {
  desiredOf,
  fateOf,
  isByPublisher,
  isSameAddress,
  leftElsewhere,
  objectionsTo,
  type Policy,
} from "./reference-model.ts";
import type { Snapshot } from "./simulated-database.ts";

/** What a run knew when it wrote. */
export interface Knowledge {
  readonly startedAt: number;
  /** How long before a write its addresses may have been looked up, in ms. */
  readonly longestWindowMs: number;
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly recorder: ProviderRecorder;
  /** Whether a run of ours made a row what it is: all that the run may have thought. */
  answersFor(row: Subscriber): readonly boolean[];
}

export type Breach = readonly [promise: Promised, how: string];

interface Verdict {
  readonly breaches: readonly Breach[];
  /** What the day's limits count the change as; undefined for an update that creates a reader anew. */
  readonly group: LimitedGroup | undefined;
  /** How long before the write we looked at each reader who opted out since then, in ms. */
  readonly windowsMs: readonly number[];
}

/** Judges what a write did to the status of a row. */
export function judgeTransition(write: AppliedWrite, transition: Transition, knowledge: Knowledge): Verdict {
  return transition.after.subscribed
    ? judgeSubscribed(write, transition, knowledge)
    : judgeUnsubscribed(write, transition, knowledge);
}

function judgeSubscribed(
  { invocation, at, sentAt, before: rows }: AppliedWrite,
  { email, before }: Transition,
  { startedAt, longestWindowMs, snapshot, policy, recorder, answersFor }: Knowledge,
): Verdict {
  const breaches: Breach[] = [];
  const windowsMs: number[] = [];
  if (!desiredOf(snapshot, email)?.subscribed) breaches.push(["word", "the database did not want a reader"]);
  // Deleted since it was read: an update creates it again, whatever its other spellings are.
  const isCreatedAgain = before === undefined && recorder.lastShown(invocation, email) !== undefined;
  if (isCreatedAgain) return { breaches, group: undefined, windowsMs };
  const isOurs = (row: Subscriber) => answersFor(row).includes(true);
  const reader = readerOf(email, before, { rows: [...rows.values()], snapshot, isOurs });
  if (before === undefined && reader.siblings.some((row) => Date.parse(row.subscribed_at) <= lastLook(row))) {
    breaches.push(["once", "an address was added that the provider had in another spelling"]);
  }
  if (reader.siblings.some((row) => row.subscribed && Date.parse(row.subscribed_at) <= lastLook(row))) {
    breaches.push(["once", "a reader was brought back beside another spelling"]);
  }
  const own = recorder.writes.filter((write) => write.invocation === invocation);
  const subscribed = own.flatMap(({ transitions }) => transitions).filter(({ after }) => after.subscribed);
  if (subscribed.some((other) => other.email !== email && isSameAddress(other.email, email))) {
    breaches.push(["once", "a run subscribed two spellings"]);
  }
  for (const row of objectionsTo(before, reader, policy)) {
    const knownAt = reader.namesakes.includes(row) ? startedAt : lastLook(row);
    if (Date.parse(row.unsubscribed_at!) <= knownAt) {
      breaches.push([isByPublisher(row) ? "editor" : "optOut", `${row.unsubscribed_cause} was overruled`]);
    } else if (row === before) windowsMs.push(Math.round(at - knownAt));
  }
  return { breaches, group: before === undefined ? "subscribe" : "resubscribe", windowsMs };

  /** A row may have been missed only if it was added after the run began, and after the look-up before the write. */
  function lastLook(row: Subscriber): number {
    const wasThere = Date.parse(row.subscribed_at) < startedAt;
    const lookedUpAt = Math.max(startedAt, at - longestWindowMs);
    return (
      recorder.lastShown(invocation, row.email, sentAt) ?? (wasThere ? Number.POSITIVE_INFINITY : lookedUpAt)
    );
  }
}

function judgeUnsubscribed(
  { invocation, rows }: AppliedWrite,
  { email }: Transition,
  { snapshot, policy, recorder, answersFor }: Knowledge,
): Verdict {
  const breaches: Breach[] = [];
  const shown = recorder.versionsShown(invocation);
  const versions = shown.filter((row) => row.email === email && row.subscribed);
  const readerBy = (row: Subscriber, isOurs: boolean, rows: readonly Subscriber[] = shown) =>
    readerOf(email, row, { rows, snapshot, isOurs: () => isOurs });
  // Its other spellings may have been shown only after the plan was made.
  const readersBy = (row: Subscriber) =>
    answersFor(row).flatMap((isOurs) => [readerBy(row, isOurs), readerBy(row, isOurs, [])]);
  const isRight = versions.some((row) =>
    readersBy(row).some((reader) => fateOf(row, reader, policy) === "unsubscribed"),
  );
  const desired = desiredOf(snapshot, email);
  if (!isRight) breaches.push([desired?.subscribed ? "word" : "silence", "a reader was unsubscribed"]);
  const hasLeft = versions.some((row) => leftElsewhere(row, readerBy(row, false), policy));
  const { unsubscribed_cause: cause } = rows.find((row) => row.email === email)!;
  if (cause === undefined) breaches.push(["madeUp", "an unsubscription went without a cause"]);
  if (cause === "READER" && !desired?.isByReader && !hasLeft)
    breaches.push(["madeUp", "neither the database nor another spelling says so"]);
  const said = cause === "READER" ? "optOut" : "unsubscribe";
  return { breaches, group: desired === undefined && !hasLeft ? "missing" : said, windowsMs: [] };
}
