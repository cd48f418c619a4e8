import type { Delivery } from "../../functions/platform/queue/queue.ts";
import type { OptIns } from "../../functions/providers/opt-ins.ts";
import type { PushEvent } from "../../functions/push-changes/event.ts";
import { pushChanges } from "../../functions/push-changes/push-changes.ts";
import { QueuedMessage } from "../../functions/push-changes/queued-message.ts";
import type { PushReport } from "../../functions/push-changes/report.ts";
import { SyncWorld } from "../support/sync-world.ts";
import { testRun } from "../support/test-run.ts";

export const now = Date.UTC(2026, 5, 1);
let deliveries = 0;

/** A message of the queue, and what became of it. */
export function queued(message: object | string, delivery: Partial<Delivery> = {}): QueuedMessage {
  const id = `message-${++deliveries}`;
  const body = typeof message === "string" ? message : JSON.stringify({ list: "daily", ...message });
  return new QueuedMessage({ id, body, group: id, receives: 1, receipt: id, ...delivery });
}

/** A reader's word, so many minutes before the run. */
export function left(email: string, minutes = 1, cause = "READER") {
  return { email, subscribed: false, unsubscribed_cause: cause, at: timeOf(minutes) };
}

export function joined(email: string, minutes = 1, fields = {}) {
  return { email, subscribed: true, consented_at: timeOf(minutes), ...fields };
}

export function timeOf(minutesAgo: number): string {
  return new Date(now - 60_000 * minutesAgo).toISOString();
}

/** A list at a provider in memory, with its syncs and its pushes. */
export class PushWorld extends SyncWorld {
  /** Sends no mail, but keeps whom it would ask. */
  readonly asked: string[] = [];
  optIns: OptIns | undefined = {
    ask: async ({ email }) => {
      this.asked.push(email);
    },
  };
  /** In ms since the epoch. Waiting takes no time. */
  pushedAt = now;

  /** @returns the report of the run, and the error with which it ended */
  async push(
    event: readonly QueuedMessage[] | PushEvent,
  ): Promise<Partial<PushReport> & { readonly failure?: Error }> {
    const run = testRun<PushReport>({ at: this.pushedAt });
    let clock = this.pushedAt;
    const dependencies = {
      lists: { daily: this.list },
      store: this.store,
      readHash: this.readHash,
      clock: {
        now: () => clock,
        after: () => () => undefined,
        wait: async (ms: number) => {
          clock += ms;
        },
      },
      providerOf: () => this.provider,
      optInsOf: () => this.optIns,
    };
    const messages =
      "approve" in event || "messages" in event ? event : { list: "daily", messages: event, share: 1 };
    try {
      await pushChanges(messages, dependencies, run);
      return run.report;
    } catch (failure) {
      return { ...run.report, failure: failure as Error };
    }
  }
}
