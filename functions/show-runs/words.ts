import type { Kept } from "../domain/plan.ts";
import type { ReturnKind } from "../domain/return.ts";

/** Why readers are left as they are, in the words of docs/report.md. */
export const keptMeanings: Readonly<Record<Kept, string>> = {
  optedOut: "unsubscribed at the provider by themselves or by a complaint, still subscribed in the database",
  bounced: "unsubscribed at the provider by a bounce, still subscribed in the database",
  publisher: "unsubscribed at the provider by the publisher, still subscribed in the database",
  mayHaveLeft: "known to the account and not on the list, which they may have left before the first run",
  tempHold: "on hold at the provider",
  pending: "asked by the provider to confirm",
  notSet: "without a permission at the provider",
  deleted: "deleted at the provider",
  undecided: "not decided in the database",
  recent: "subscribed at the provider after the database was read",
  grace: "not in the database, and new at the provider",
  shielded: "not in the database, but a row that was set aside may be theirs",
  onlyAtProvider: "not in the database, and kept as the list says so",
  refused: "changes that the provider refused within the last week",
};

export const returnMeanings: Readonly<Record<ReturnKind, string>> = {
  unsubscribed: "left at the provider",
  bounced: "bounced at the provider",
  subscribed: "came at the provider",
  updated: "have another value in a field that the provider owns",
};

/** What becomes of a change. */
export const fates = {
  quarantined: ["set aside", "the provider refused them for the first time"],
  refusedAgain: ["refused again", "the provider had refused them before"],
  stale: ["no longer right", "the reader or the database changed meanwhile"],
  waiting: ["waiting for a person", "they exceed a limit, or were not approved"],
  left: ["left for the next run", "the run did not get to them, or only looked"],
} as const;

const actors: Readonly<Record<string, string>> = {
  operator: "The operator mends it.",
  invoker: "Whoever sent the event sends another one.",
  approver: "A person looks at what waits, and approves it or has the source mended.",
  provider: "The provider has to be asked.",
  "next run": "Nobody has to do anything: the next run tries again.",
};

export function whoActs(actor: string | undefined): string | undefined {
  return actor === undefined ? undefined : actors[actor];
}

const starts: Readonly<Record<string, string>> = {
  schedule: "by its schedule",
  hand: "by hand",
  approval: "by an approval",
};

export function howStarted(startedBy: string): string {
  return starts[startedBy] ?? startedBy;
}

/** A time of ISO 8601 as people read it; another text as it is. */
export function timeOf(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?Z$/, "$1 $2 UTC");
}

/** A run's summary without the list that it begins with, where that stands beside it. */
export function withoutSubject(summary: string | undefined, subject: string): string | undefined {
  return summary?.startsWith(`${subject}: `) ? summary.slice(subject.length + 2) : summary;
}

/** When a run began, which its id tells: `20260301T090000Z-07a615b6`. */
export function startOf(runId: string): Date {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(runId) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** `0.3 s`, `12 s`, `3 min 20 s` */
export function durationOf(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
