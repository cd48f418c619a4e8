import { ProviderRefusalError } from "../domain/provider-errors.ts";
import type { OptIns } from "../providers/opt-ins.ts";
import type { ReadMessage } from "./deliver-changes.ts";
import type { Job } from "./job.ts";
import { optInsPerMinute, takeOptIns } from "./opt-in-pace.ts";
import type { PushedOptIn } from "./push-message.ts";

const minuteSeconds = 60;
/** The queue keeps nothing back for longer than twelve hours. */
const mostSeconds = 11 * 3600;

/**
 * Has the provider ask as many readers as its pace allows. The others wait in the queue, each for its turn. Whom it refuses is
 * set aside if it takes another one: else the form may be wrong.
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
  const setAside = async (some: readonly ReadMessage<PushedOptIn>[], reason: string) => {
    for (const { asked } of some) await quarantine.add({ email: asked.email, reason });
    await quarantine.finish();
    report.quarantined += some.length;
    for (const { queued } of some) queued.finish();
  };
  if (optIns === undefined) {
    await setAside(messages, "the list's provider has no double opt-in");
    return;
  }
  const taken = await takeOptIns(store, messages.length, run.now().getTime());
  for (const [index, { queued }] of messages.slice(taken).entries()) {
    const turn = minuteSeconds * (1 + Math.floor(index / optInsPerMinute));
    // Others may have been given the same turn: whoever loses it often must not be out of deliveries before the last one is asked.
    queued.waitFor(Math.min(mostSeconds, turn), { growing: true });
  }
  const refused: ReadMessage<PushedOptIn>[] = [];
  let refusal: unknown;
  for (const message of messages.slice(0, taken)) {
    try {
      await optIns.ask(message.asked, run.signal);
      report.optIns++;
      message.queued.finish();
    } catch (error) {
      if (!(error instanceof ProviderRefusalError && error.status === 400)) throw error;
      refusal ??= error;
      refused.push(message);
      message.queued.waitFor(minuteSeconds, { growing: true });
    }
  }
  if (refused.length === 0) return;
  if (refused.length === taken) throw refusal;
  await setAside(refused, "the provider does not take it as a double opt-in");
}
