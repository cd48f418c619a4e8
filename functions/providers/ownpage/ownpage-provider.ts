import type { Change } from "../../domain/plan.ts";
import type { Provider, WriteOptions } from "../provider.ts";
import { OwnpageClient } from "./client.ts";
import { lookAgain } from "./look-again.ts";
import { ListReader } from "./pages/list-reader.ts";
import { createSession, type SessionOptions } from "./session.ts";
import { writeBatch } from "./write-batch.ts";

/** The most rows that a page and a batch may have: the documentation's limits. */
const maxPageRows = 10_000;
const maxBatchRows = 20_000;

export interface OwnpageProviderOptions extends SessionOptions {
  /** Left out, the older API of one implicit list is called. */
  readonly listId?: number | undefined;
  /** The zone of times that have no offset: the documentation names none. */
  readonly timeZone: string;
  /** @default 10 000, the most that the API gives */
  readonly pageRows?: number;
}

/** One list at Ownpage. */
export function createOwnpageProvider(options: OwnpageProviderOptions): Provider {
  const { configuration, timeZone, pageRows = maxPageRows } = options;
  const session = createSession(options);
  const client = new OwnpageClient(session, options.listId);
  const { concurrency } = configuration;
  const reader = new ListReader({ client, timeZone, concurrency, pageRows });
  // One after the other, though batches are sent at the same time: a look makes as many requests as there may be.
  let lastLook: Promise<unknown> = Promise.resolve();
  const look = (resubscriptions: readonly Change[], when: WriteOptions) => {
    const looked = lastLook.then(() => lookAgain(reader, resubscriptions, when));
    lastLook = looked.catch(() => undefined);
    return looked;
  };
  return {
    maxBatchRows,
    requests: session.http.requests,
    countSubscribers: (signal) => client.count(signal),
    // Of "all", so that a reader who unsubscribes during the reading does not shift the pages.
    readPages: (reading) => reader.pages("all", reading),
    writeBatch: (changes, when) => writeBatch(changes, { client, look }, when),
  };
}
