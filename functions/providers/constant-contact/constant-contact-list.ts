import { type Clock, systemClock } from "../../platform/clock.ts";
import type { RequestCounts } from "../../platform/http/http.ts";
import { accountName } from "./account-name.ts";
import { ActivityRunner } from "./activity-runner.ts";
import { AskedReaders } from "./asked-readers.ts";
import type { ConstantContactClient } from "./client.ts";
import { createConstantContactClient } from "./create-client.ts";
import { Look } from "./look.ts";
import { type Mirror, openMirror } from "./mirror/mirror.ts";
import { type ListOfAccount, MirroredList } from "./mirrored-list.ts";
import { PendingActivities } from "./pending-activities.ts";
import { createSession, type SessionOptions } from "./session.ts";

export interface ConstantContactListOptions extends SessionOptions {
  readonly list: ListOfAccount;
  /** Called with a sentence for the report. */
  note(text: string): void;
}

/** What it takes to change a list. */
export interface WritingTools {
  readonly client: ConstantContactClient;
  readonly mirror: Mirror;
  readonly runner: ActivityRunner;
  readonly look: Look;
  readonly clock: Clock;
  readonly listId: string;
  /** Whom the provider has asked to subscribe again; undefined if the list asks nobody. */
  readonly asked: AskedReaders | undefined;
  note(text: string): void;
  /** The contacts of the account who have an address. */
  contactIdsOf(email: string): readonly string[];
  /** Waits for what earlier runs began: an import of theirs that ends later would undo ours. */
  settleEarlier(signal: AbortSignal): Promise<unknown>;
}

export interface OpenedList {
  readonly requests: RequestCounts;
  readonly mirrored: MirroredList;
  /** @param since when the run began that made the plan, in ms since the epoch */
  writingTools(since: number, signal: AbortSignal): Promise<WritingTools>;
}

/** Opens a list of an account, to be read and to be changed. Nothing is read yet. */
export function openList(options: ConstantContactListOptions): OpenedList {
  const { configuration, clock = systemClock, store, list, note } = options;
  const { listId } = list;
  const session = createSession(options);
  const client = createConstantContactClient(session);
  const place = { store, account: accountName(configuration.secret) };
  const mirror = openMirror({ place, client, clock, note });
  const pending = new PendingActivities(mirror, listId);
  const runner = new ActivityRunner({ client, mirror, pending, clock, note });
  const asked = list.askAgain ? new AskedReaders(place) : undefined;
  const mirrored = new MirroredList({ client, mirror, runner, asked, clock, list, note });
  let look: Look | undefined;
  let settled: Promise<unknown> | undefined;
  const settleEarlier = (signal: AbortSignal) => {
    settled ??= runner.settle({ isPatient: true, signal });
    return settled;
  };
  return {
    requests: session.http.requests,
    mirrored,
    writingTools: async (since, signal) => {
      const { counts, contacts, contactIdsOf } = await mirrored.opened(signal);
      const sizes = { members: counts.subscribed, contacts };
      const isKnown = (email: string) => contactIdsOf(email).length > 0;
      look ??= new Look({ client, mirror, listId, clock, since, sizes, isKnown });
      const reading = { client, mirror, runner, look, clock, listId };
      return { ...reading, asked, note, contactIdsOf, settleEarlier };
    },
  };
}
