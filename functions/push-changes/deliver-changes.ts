import { type Change, type Group, groupOf, noChanges } from "../domain/plan.ts";
import { exemptionOf } from "../planning/check-plan.ts";
import type { ListMemory } from "../platform/storage/list-memory.ts";
import type { Job } from "./job.ts";
import type { LookedUp } from "./look-up.ts";
import type { MessagePlan } from "./plan-message.ts";
import type { PushedChange } from "./push-message.ts";
import type { QueuedMessage } from "./queued-message.ts";
import { sendChanges } from "./send-changes.ts";
import { countApplied } from "./tally.ts";

/** A message, and what it asks for. */
export interface ReadMessage<Asked> {
  readonly queued: QueuedMessage;
  readonly asked: Asked;
}

export type PlannedMessage = ReadMessage<PushedChange> & MessagePlan;

/** Sends changes, and remembers what became of them. @returns why some could not be sent */
export async function deliver(
  going: readonly PlannedMessage[],
  { job, memory, lookedUp }: { job: Job; memory: ListMemory; lookedUp: LookedUp },
): Promise<unknown> {
  if (going.length === 0) return undefined;
  const { run } = job;
  const report = run.report as Required<typeof run.report>;
  const budget = await memory.budget();
  const pushes = await memory.pushes();
  const budgetId = `${run.id}-${going[0]!.queued.delivery.id}`;
  const messageOf = new Map(going.flatMap((message) => message.changes.map((change) => [change, message])));
  const left = new Map(going.map((message) => [message, message.changes.length]));
  const settle = (change: Change) => {
    const message = messageOf.get(change)!;
    const others = left.get(message)! - 1;
    left.set(message, others);
    if (others === 0) message.queued.finish();
  };
  await budget.begin(
    budgetId,
    countsOf(going.flatMap(({ changes }) => changes)),
    await exemptionOf({ memory }, { current: lookedUp.counts }),
  );
  const rememberAttempts = () => {
    const at = run.now().getTime();
    for (const [{ kind }, { asked, queued }] of messageOf) {
      if (!queued.isDone && (kind === "subscribe" || kind === "resubscribe"))
        pushes.record(asked.canonical, { kind: "subscribed", at, saidAt: asked.saidAt });
    }
  };
  // If the function is killed meanwhile, what it subscribes must not outweigh the opt-out that waits behind it.
  rememberAttempts();
  await memory.save();
  let delivered: Readonly<Record<Group, number>> = countsOf(going.flatMap(({ changes }) => changes));
  try {
    const { subscribed, unsubscribed } = lookedUp.counts;
    const sent = await sendChanges(
      going.flatMap(({ changes }) => changes),
      job,
      {
        memory,
        held: subscribed + unsubscribed,
        onApplied(changes) {
          countApplied(report, changes);
          const at = run.now().getTime();
          for (const change of changes) {
            const { asked, word } = messageOf.get(change)!;
            const kind = change.kind === "unsubscribe" ? "unsubscribed" : "subscribed";
            const push = change.kind === "update" ? word : ({ kind, at, saidAt: asked.saidAt } as const);
            if (push !== undefined) pushes.record(asked.canonical, push);
            settle(change);
          }
        },
        onRefused(change) {
          report.quarantined++;
          settle(change);
        },
      },
    );
    delivered = sent.delivered;
    // An attempt that got no answer may have subscribed them.
    rememberAttempts();
    return sent.failure;
  } finally {
    await budget.end(budgetId, delivered);
    await memory.save();
  }
}

/** How many changes there are of each group. */
export function countsOf(changes: readonly Change[]): Record<Group, number> {
  const counts = noChanges();
  for (const change of changes) counts[groupOf(change)]++;
  return counts;
}
