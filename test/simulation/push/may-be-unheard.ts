import type { AppliedWrite } from "../applied-write.ts";
import { isSameAddress } from "../reference-model.ts";

/**
 * Whether a run may not know that it unsubscribed a reader after they had come: it was done, and no answer of the run's said
 * so. It looks like a later word of the reader's, and who may have left is not subscribed.
 */
export function mayBeUnheard(email: string, cameAt: number, writes: readonly AppliedWrite[]): boolean {
  const sent = writes.filter(({ rows }) =>
    rows.some((row) => isSameAddress(row.email, email) && row.subscribed === false),
  );
  const isDone = ({ transitions }: AppliedWrite) =>
    transitions.some(({ email: own, after }) => isSameAddress(own, email) && !after.subscribed);
  const isHeard = ({ invocation }: AppliedWrite) =>
    sent.some((write) => write.invocation === invocation && write.isAnswered);
  return sent.some((write) => write.at > cameAt && isDone(write) && !isHeard(write));
}
