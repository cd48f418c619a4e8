import type { Actor, NewsletterSyncError } from "../domain/errors.ts";

/** Why a run failed, as its report says it. */
export type Failure = Pick<NewsletterSyncError, "name" | "message" | "actor">;

const nextSteps: Readonly<Record<Actor, string>> = {
  operator: "the operator mends it",
  invoker: "send another event",
  approver: "a person looks at it",
  provider: "ask the provider",
  "next run": "the next run tries again",
  "this run": "the run goes on",
};

/** `SourceError, the operator mends it`: what a summary says of a failure, whose message is shown elsewhere. */
export function whoActsNext({ name, actor }: Failure): string {
  return `${name}, ${nextSteps[actor]}`;
}

/** The parts of a summary in one line, without those that do not apply. */
export function listed(parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join("; ");
}

/** `subscribed 340, updated 12`: those that are not zero, by their names; empty if all are. */
export function countsInWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${inDigits(count)}`)
    .join(", ");
}

/** `21,864` */
export function inDigits(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 file`, `7 files` */
export function counted(count: number, noun: string): string {
  return `${inDigits(count)} ${noun}${count === 1 ? "" : "s"}`;
}
