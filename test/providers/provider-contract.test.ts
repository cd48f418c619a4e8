import type { Change } from "../../functions/domain/plan.ts";
import { createConstantContactProvider } from "../../functions/providers/constant-contact/constant-contact-provider.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import { type HeldSubscriber, InMemoryProvider } from "../support/in-memory-provider.ts";
import { onDaily, openWorld, signal } from "./constant-contact/connect.ts";
import { listId, optionsFor, sandboxWith } from "./ownpage/connect.ts";
import { type ContractList, describeProvider, leftAt, now, type Reader } from "./provider-contract.ts";

describeProvider("a provider in memory", async (readers) => {
  const provider = new InMemoryProvider(readers.map((reader) => [reader.email, heldOf(reader)]));
  provider.now = now;
  const refused = new Set<string>();
  provider.accepts = (email) => !refused.has(email);
  return {
    provider,
    optOut: (email) => {
      const { fields } = provider.subscribers.get(email)!;
      provider.subscribers.set(email, { subscribed: false, cause: "READER", unsubscribedAt: now, fields });
    },
    refuse: (email) => refused.add(email),
    loseAnswer: () => {
      provider.lostAnswers++;
    },
  };
});

function heldOf({ firstname, cause }: Reader): HeldSubscriber {
  const fields: Record<string, string> = firstname === undefined ? {} : { data_firstname: firstname };
  return cause === undefined
    ? { subscribed: true, subscribedAt: now, fields }
    : { subscribed: false, cause, unsubscribedAt: leftAt, fields };
}

describeProvider("Ownpage", async (readers): Promise<ContractList> => {
  const refused = new Set<string>();
  const sandbox = await sandboxWith({
    now: () => new Date(now),
    acceptsEmail: (email) => !refused.has(email),
    lists: [{ id: listId, subscribers: readers.map(seedOf) }],
  });
  const provider = createOwnpageProvider({ ...optionsFor(sandbox), listId, timeZone: "Europe/Paris" });
  return {
    provider,
    optOut: (email) => sandbox.list(listId).optOut(email),
    refuse: (email) => refused.add(email),
    loseAnswer: () => {
      const match = { method: "POST", path: /subscribers$/ };
      sandbox.faults.push({ match, times: 1, fault: { kind: "lost" } });
    },
  };
});

describeProvider("Constant Contact", async (readers): Promise<ContractList> => {
  const refused = new Set<string>();
  const world = await openWorld({
    acceptsEmail: (email) => !refused.has(email),
    customFields: [{ label: "firstname" }],
    contacts: readers.map(contactOf),
  });
  const { sandbox, clock } = world;
  const list = { name: "daily", listId: dailyList };
  const open = () => createConstantContactProvider({ ...world.options(), list, note: () => undefined });
  clock.time = leftAt;
  // Only what a run removed counts as removed by the publisher.
  await open().writeBatch(readers.flatMap(removalOf), { since: leftAt, held: readers.length, signal });
  clock.time = now;
  return {
    provider: open(),
    kind: {
      keepsSpellings: false,
      optOut: "READER_FINAL",
      updatesUnsubscribed: false,
      countsLeavers: false,
      findsLostBatch: true,
    },
    optOut: (email) => sandbox.people.optOut(email),
    refuse: (email) => refused.add(email),
    loseAnswer: () => {
      const match = { method: "POST", path: /contacts_json_import$/ };
      sandbox.faults.push({ match, times: 1, fault: { kind: "lost" } });
    },
  };
});

function contactOf({ email, firstname }: Reader) {
  const created_at = new Date(leftAt - 86_400_000).toISOString();
  const custom_fields: Record<string, string> = firstname === undefined ? {} : { firstname };
  return onDaily(email, { created_at, custom_fields });
}

function removalOf({ email, cause }: Reader): Change[] {
  if (cause === undefined) return [];
  const saw = { subscribed: true, fields: {} };
  return [{ kind: "unsubscribe", email, cause: "PUBLISHER", saw, reason: "a test" }];
}

function seedOf({ email, firstname, cause }: Reader) {
  return {
    email,
    ...(firstname !== undefined && { data_firstname: firstname }),
    ...(cause !== undefined && {
      subscribed: false,
      unsubscribed_cause: cause,
      unsubscribed_at: new Date(leftAt).toISOString(),
    }),
  };
}
