import type { OptIns } from "../providers/opt-ins.ts";
import type { ReadMessage } from "./deliver-changes.ts";
import type { Job } from "./job.ts";
import { optInsPerMinute, takeOptIns } from "./opt-in-pace.ts";
import type { PushedOptIn } from "./push-message.ts";

const minuteSeconds = 60;
/** The queue keeps nothing back for longer than twelve hours. */
const mostSeconds = 11 * 3600;

/**
 * Has the provider ask as many readers as its pace allows. The others wait in the queue, each for its turn.
 *
 * @throws the first failure: whoever was not asked waits
 */
export async function askReaders(
  messages: readonly ReadMessage<PushedOptIn>[],
  optIns: OptIns | undefined,
  { store, quarantine, run }: Pick<Job, "store" | "quarantine" | "run">,
): Promise<void> {
  if (messages.length === 0) return;
  const report = run.report as Required<typeof run.report>;
  if (optIns === undefined) {
    const reason = "the list's provider has no double opt-in";
    for (const { asked } of messages) await quarantine.add({ email: asked.email, reason });
    await quarantine.finish();
    report.quarantined += messages.length;
    for (const { queued } of messages) queued.finish();
    return;
  }
  const taken = await takeOptIns(store, messages.length, run.now().getTime());
  for (const [index, { queued }] of messages.slice(taken).entries()) {
    queued.waitFor(Math.min(mostSeconds, minuteSeconds * (1 + Math.floor(index / optInsPerMinute))));
  }
  for (const { queued, asked } of messages.slice(0, taken)) {
    await optIns.ask(asked, run.signal);
    report.optIns++;
    queued.finish();
  }
}
