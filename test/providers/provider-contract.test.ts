import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import { type HeldSubscriber, InMemoryProvider } from "../support/in-memory-provider.ts";
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
