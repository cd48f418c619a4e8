import { systemClock } from "../../platform/clock.ts";
import { accountName } from "./account-name.ts";
import { ActivityRunner } from "./activity-runner.ts";
import { createConstantContactClient } from "./client.ts";
import { Look } from "./look.ts";
import { openMirror } from "./mirror/mirror.ts";
import { type ListOfAccount, MirroredList } from "./mirrored-list.ts";
import { PendingActivities } from "./pending-activities.ts";
import { createSession, type SessionOptions } from "./session.ts";

export interface ConstantContactListOptions extends SessionOptions {
  readonly list: ListOfAccount;
  /** Called with a sentence for the report. */
  note(text: string): void;
}

/** What reading and writing a list share. */
export function openList(options: ConstantContactListOptions) {
  const { configuration, clock = systemClock, store, list, note } = options;
  const { listId } = list;
  const session = createSession(options);
  const client = createConstantContactClient(session);
  const mirror = openMirror({
    place: { store, account: accountName(configuration.secret) },
    client,
    clock,
    note,
  });
  const runner = new ActivityRunner({
    client,
    pending: new PendingActivities(mirror, listId),
    clock,
    note,
  });
  const mirrored = new MirroredList({ client, mirror, runner, list, note });
  let settled: Promise<unknown> | undefined;
  const writingTools = async (since: number, signal: AbortSignal) => {
    const { counts, contactIdsOf } = await mirrored.opened(signal);
    look ??= new Look({ client, mirror, listId, clock, since, members: counts.subscribed });
    return {
      client,
      mirror,
      runner,
      look,
      clock,
      listId,
      contactIdsOf,
      settleEarlier: (signal: AbortSignal) => (settled ??= runner.settle({ isPatient: true, signal })),
    };
  };
  let look: Look | undefined;
  return { requests: session.http.requests, mirrored, writingTools };
}
