import pMap from "p-map";
import type { BatchAnswer } from "../../domain/batch-answer.ts";
import type { Change } from "../../domain/plan.ts";
import type { RunOptions } from "./activity-runner.ts";
import type { WritingTools } from "./constant-contact-list.ts";

/** The most contacts of one activity. */
const maxContacts = 500;
/** How many activities are waited for at the same time. */
const concurrency = 4;

type Unsubscription = Change & { readonly kind: "unsubscribe" };

type RemovalTools = Pick<WritingTools, "client" | "mirror" | "runner" | "listId" | "contactIdsOf">;

/**
 * Takes readers off the list, and remembers with which cause: else they would seem to have left by themselves. Nobody is
 * looked at before, as an opt-out is right whatever has changed.
 *
 * @throws as the runner and the client do
 */
export async function removeMembers(
  changes: readonly Unsubscription[],
  tools: RemovalTools,
  options: RunOptions,
): Promise<BatchAnswer> {
  const stale = changes.filter(({ email }) => tools.contactIdsOf(email).length === 0);
  const removals = [...Map.groupBy(changes, ({ cause }) => cause)].flatMap(([by, ofCause]) =>
    inParts(ofCause.flatMap(({ email }) => tools.contactIdsOf(email))).map((contactIds) => ({
      by,
      contactIds,
    })),
  );
  const removed = await pMap(removals, (removal) => remove(removal, tools, options), { concurrency });
  const sum = (of: "predicted" | "answered" | "attempts") =>
    removed.reduce((total, counts) => total + counts[of], 0);
  return {
    refused: [],
    stale,
    unconfirmed: [],
    held: [],
    counters:
      removed.length === 0
        ? {}
        : { items_completed_count: { predicted: sum("predicted"), answered: sum("answered") } },
    attempts: Math.max(0, ...removed.map(({ attempts }) => attempts)),
  };
}

interface RemovedPart {
  readonly by: Unsubscription["cause"];
  readonly contactIds: readonly string[];
}

async function remove({ by, contactIds }: RemovedPart, tools: RemovalTools, options: RunOptions) {
  const { client, mirror, runner, listId } = tools;
  let attempts = 0;
  await mirror.recordRemoval({ list: listId, by, isDone: false, contactIds });
  const { counts, isFound } = await runner.run(
    {
      kind: "removal",
      start: ({ number }) => {
        attempts = number;
        return client.removeMemberships(contactIds, [listId], options.signal);
      },
      matches: ({ counts: { total, people } }) =>
        people === undefined && (total === undefined || total === contactIds.length),
    },
    options,
  );
  const predicted = contactIds.length;
  const { completed = predicted, total = predicted } = counts;
  // Who of them may still be on the list is not told: the next run takes all of them off it again.
  if (completed >= predicted && !isFound)
    await mirror.recordRemoval({ list: listId, by, isDone: true, contactIds });
  return { predicted, answered: counts.completed ?? total, attempts };
}

function inParts(contactIds: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < contactIds.length; at += maxContacts)
    parts.push(contactIds.slice(at, at + maxContacts));
  return parts;
}
