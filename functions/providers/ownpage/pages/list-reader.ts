import { RecordWriter } from "../../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";
import type { CurrentSubscriber } from "../../../domain/subscriber.ts";
import { createBodyReader } from "../../../platform/http/body-reader.ts";
import { createSemaphore, type Release } from "../../../platform/semaphore.ts";
import type { ReadOptions } from "../../provider.ts";
import type { OwnpageClient } from "../client.ts";
import { packPage } from "./pack-page.ts";
import { subscriberOf } from "./page-rows.ts";
import { readPages } from "./read-pages.ts";

/** How many pages stand ready to be asked for as soon as another one has come. */
const pagesReady = 2;

export interface ListReaderOptions {
  readonly client: OwnpageClient;
  /** The zone of times that have no offset. */
  readonly timeZone: string;
  /** How many requests are under way at the same time. */
  readonly concurrency: number;
  readonly pageRows: number;
}

/** Reads one list, or what matches in it. */
export class ListReader {
  readonly concurrency: number;
  readonly #options: ListReaderOptions;

  constructor(options: ListReaderOptions) {
    this.concurrency = options.concurrency;
    this.#options = options;
  }

  /** Every page of those who have the status. */
  pages(status: "all" | "unsubscribed", options: ReadOptions): AsyncIterable<SubscriberPage> {
    const { client, timeZone, concurrency, pageRows } = this.#options;
    const { columns, recentSince, expected, signal } = options;
    const writer = new RecordWriter();
    const readBody = createBodyReader();
    const acquire = createSemaphore(concurrency);
    const parse = (bytes: Uint8Array) => packPage(writer, bytes, { columns, recentSince, timeZone });
    const readPage = (offset: number, signal: AbortSignal) => {
      let release: Release | undefined;
      return client.readPage(
        { status, offset, count: pageRows },
        {
          acquire: async () => (release = await acquire()),
          // The next page is asked for when this one has come, and not only when it is packed.
          read: (answer) => readBody(answer, { parse, onReceived: () => release?.() }),
          signal,
        },
      );
    };
    return readPages({ ahead: concurrency + pagesReady, pageRows, expected, signal, readPage });
  }

  /** Who matches, without fields; undefined when they are more than a page has. */
  async search(email: string, signal: AbortSignal): Promise<CurrentSubscriber[] | undefined> {
    const { client, timeZone, pageRows } = this.#options;
    const rows = await client.findSubscribers({ status: "all", search: email, count: pageRows }, signal);
    if (rows.length === pageRows) return undefined;
    return rows.map((row) =>
      subscriberOf(row, { columns: [], recentSince: Number.POSITIVE_INFINITY, timeZone }),
    );
  }

  async countUnsubscribed(signal: AbortSignal): Promise<number> {
    return (await this.#options.client.count(signal)).unsubscribed;
  }
}
