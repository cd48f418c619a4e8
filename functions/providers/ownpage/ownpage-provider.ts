import { RecordWriter } from "../../domain/record-writer.ts";
import { createBodyReader } from "../../platform/body-reader.ts";
import type { Provider } from "../provider.ts";
import { OwnpageClient } from "./client.ts";
import { packPage } from "./pack-page.ts";
import { readPages } from "./read-pages.ts";
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
  return {
    maxBatchRows,
    requests: session.http.requests,
    countSubscribers: (signal) => client.count(signal),
    readPages: ({ columns, recentSince, expected, signal }) => {
      const writer = new RecordWriter();
      const readBody = createBodyReader();
      const pack = (bytes: Uint8Array) => packPage(writer, bytes, { columns, recentSince, timeZone });
      return readPages({
        concurrency: configuration.concurrency,
        pageRows,
        expected,
        signal,
        // Of "all", so that a reader who unsubscribes during the reading does not shift the pages.
        readPage: (offset, signal) => {
          const query = { status: "all", offset, count: pageRows } as const;
          return client.readPage(query, (response) => readBody(response, pack), signal);
        },
      });
    },
    writeBatch: (changes, when) => {
      const { concurrency } = configuration;
      return writeBatch(changes, { client, timeZone, concurrency, pageRows, ...when });
    },
  };
}
