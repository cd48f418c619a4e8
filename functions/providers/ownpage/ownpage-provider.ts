import type { Change } from "../../domain/plan.ts";
import type { Provider, WriteOptions } from "../provider.ts";
import { createOwnpageClient } from "./client.ts";
import { lookAgain } from "./look-again.ts";
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
  // One at a time, although batches are sent concurrently: each makes as many requests at once as are allowed.
  let lastLook: Promise<unknown> = Promise.resolve();
  const lookInTurn = (resubscriptions: readonly Change[], writing: WriteOptions) => {
    const looked = lastLook.then(() => lookAgain(reader, resubscriptions, writing));
    lastLook = looked.catch(() => undefined);
    return looked;
  };
  return {
    maxBatchRows,
    requests: session.http.requests,
    countSubscribers: (signal) => client.count(signal),
    // "all", so that a reader who unsubscribes during the reading does not shift the pages.
    readPages: (reading) => reader.pages("all", reading),
    writeBatch: (changes, writing) => writeBatch(changes, { client, lookAgain: lookInTurn }, writing),
  };
}
