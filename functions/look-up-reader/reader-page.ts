import { canonicalEmail, isDeliverable } from "../domain/email.ts";
import { plain } from "../planning/plain-text.ts";
import type { ListTold } from "./tell-reader.ts";
import type { Touched } from "./touched.ts";
import { deedWords, moment } from "./words.ts";

/** What is told of a reader, as a page in Markdown that can be read to a caller as it stands. */
export function readerPage(email: string, lists: Readonly<Record<string, ListTold>>, askedAt: Date): string {
  const parts = Object.entries(lists).flatMap(([list, told]) => [
    `## ${list}: ${plain(told.inWords)}`,
    ...nowOf(told),
    ...historyOf(told),
  ]);
  const isWrong = !isDeliverable(canonicalEmail(email));
  const asked = `Asked on ${moment(askedAt.toISOString())}.`;
  const warning =
    "No provider takes this address as it was typed: is there something in it that does not belong to it?";
  return `${[`# ${plain(email)}`, isWrong ? `${asked} ${warning}` : asked, ...parts].join("\n\n")}\n`;
}

function nowOf({ now = [], readAt, damaged = [] }: ListTold): string[] {
  const spellings = now.map(({ email, database, provider, decision, returned }) =>
    [
      `- ${plain(email)}`,
      `  - in the database: ${database}`,
      `  - at the provider: ${provider}`,
      `  - a run ${plain(decision)}`,
      ...(returned === undefined ? [] : [`  - a run ${plain(returned)}`]),
    ].join("\n"),
  );
  const rows = damaged.map(
    ({ place = "a row", reason }) => `- ${place} of the database is set aside: ${plain(reason)}`,
  );
  const lines = [...spellings, ...rows];
  if (lines.length === 0) return [];
  return [`Both sides, with the database as of ${moment(readAt ?? 0)}:`, lines.join("\n")];
}

function historyOf({ history, historySince, gaps }: ListTold): string[] {
  const lines = history.map(lineOf);
  const since = historySince === undefined ? "no run has written any yet" : `kept since ${historySince}`;
  const none = lines.length === 0 ? ["No run touched this reader."] : [lines.join("\n")];
  const missing = gaps.map((gap) => `- ${gap}`).join("\n");
  return [
    `### What runs did (${since})`,
    ...none,
    ...(gaps.length > 0 ? ["Something may be missing here:", missing] : []),
  ];
}

const outcomes: Readonly<Record<Touched["outcome"], string>> = {
  done: "done",
  refused: "refused by the provider",
  waits: "only planned, or waits for a person",
  "not done": "not done: it was no longer right, or the run ended before",
  unknown: "the run did not come to its end, so what became of it is unknown",
};

function lineOf({
  at,
  job,
  startedBy,
  approvedBy,
  plan,
  deed,
  reason,
  causeAt,
  outcome,
  quarantined,
  times,
  lastAt,
}: Touched): string {
  const who = approvedBy === undefined ? startedBy : `${startedBy} by ${plain(approvedBy)}`;
  const of = plan === undefined ? "" : ` of plan ${plan}`;
  const why =
    reason === "" ? "" : ` (${plain(reason)}${causeAt === undefined ? "" : `, on ${moment(causeAt)}`})`;
  const aside = quarantined === undefined ? "" : `: ${plain(quarantined)}`;
  const ended = deed === "setAside" ? aside : `: ${outcomes[outcome]}${aside}`;
  const again =
    times === undefined || lastAt === undefined ? "" : `; ${times} times, until ${moment(lastAt)}`;
  return `- ${moment(at)}, ${job}, ${who}${of}: ${deedWords[deed]}${why}${ended}${again}`;
}
