import type { Provider } from "../provider.ts";
import { createOwnpageClient } from "./client.ts";
import { createSearch } from "./find-subscribers.ts";
import { createLook } from "./look-before-sending.ts";
import { createListReader } from "./pages/list-reader.ts";
import { createSession, type SessionOptions } from "./session.ts";
import { writeBatch } from "./write-batch.ts";

/** The most rows that a page and a batch may have, by the documentation. */
const maxPageRows = 10_000;
const maxBatchRows = 20_000;

export interface OwnpageProviderOptions extends SessionOptions {
  /** Left out, the older API of one implicit list is called. */
  readonly listId?: number | undefined;
  /** The zone of times without an offset: the documentation names none. */
  readonly timeZone: string;
  /** @default 10 000, the most that the API gives */
  readonly pageRows?: number;
}

/** One list at Ownpage. */
export function createOwnpageProvider(options: OwnpageProviderOptions): Provider {
  const { configuration, timeZone, pageRows = maxPageRows } = options;
  const session = createSession(options);
  const client = createOwnpageClient(session, options.listId);
  const { concurrency } = configuration;
  const reader = createListReader({ client, timeZone, concurrency, pageRows });
  const look = createLook(reader, async (signal) => {
    const { subscribed, unsubscribed } = await client.count(signal);
    return subscribed + unsubscribed;
  });
  return {
    maxBatchRows,
    clearsFields: true,
    requests: session.http.requests,
    countSubscribers: (signal) => client.count(signal),
    // "all", so that a reader who unsubscribes during the reading does not shift the pages.
    readPages: (reading) => reader.pages("all", reading),
    findSubscribers: createSearch(reader),
    writeBatch: (changes, writing) => writeBatch(changes, { client, look }, writing),
  };
}
