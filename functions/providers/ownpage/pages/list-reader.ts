import { RecordWriter } from "../../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";
import type { CurrentSubscriber } from "../../../domain/subscriber.ts";
import { createBodyReader } from "../../../platform/http/body-reader.ts";
import { createSemaphore, type Release } from "../../../platform/semaphore.ts";
import type { ReadOptions } from "../../provider.ts";
import type { OwnpageClient } from "../client.ts";
import { packPage } from "./pack-page.ts";
import { readRow } from "./page-rows.ts";
import { readPages } from "./read-pages.ts";

/** How many pages wait for a permit, so that one is asked for as soon as another has arrived. */
const pagesReady = 2;

export interface ListReaderOptions {
  readonly client: OwnpageClient;
  /** The zone of times without an offset. */
  readonly timeZone: string;
  /** How many requests are made at the same time. */
  readonly concurrency: number;
  readonly pageRows: number;
}

/** Reads one list, or the rows of it that match. */
export interface ListReader {
  readonly concurrency: number;
  /** Every page of the rows with this status. */
  pages(status: "all" | "unsubscribed", options: ReadOptions): AsyncIterable<SubscriberPage>;
  /** The rows that match, without fields; undefined when there may be more than a page holds. */
  search(email: string, signal: AbortSignal): Promise<CurrentSubscriber[] | undefined>;
  countUnsubscribed(signal: AbortSignal): Promise<number>;
}

export function createListReader({ client, timeZone, concurrency, pageRows }: ListReaderOptions): ListReader {
  function pages(status: "all" | "unsubscribed", options: ReadOptions): AsyncIterable<SubscriberPage> {
    const { columns, subscribedSince, expected, signal } = options;
    const writer = new RecordWriter();
    const readBody = createBodyReader();
    const acquire = createSemaphore(concurrency);
    const readPage = (offset: number, signal: AbortSignal) => {
      let release: Release | undefined;
      const page = { columns, subscribedSince, timeZone, offset };
      return client.readPage(
        { status, offset, count: pageRows },
        {
          acquire: async () => (release = await acquire()),
          // The next page is asked for once this one has arrived, not only once it is packed.
          read: (answer) =>
            readBody(answer, {
              parse: (bytes) => packPage(writer, bytes, page),
              onReceived: () => release?.(),
            }),
          signal,
        },
      );
    };
    return readPages({ ahead: concurrency + pagesReady, pageRows, expected, signal, readPage });
  }

  async function search(email: string, signal: AbortSignal): Promise<CurrentSubscriber[] | undefined> {
    const rows = await client.findSubscribers({ status: "all", search: email, count: pageRows }, signal);
    if (rows.length === pageRows) return undefined;
    const options = { columns: [], subscribedSince: Number.POSITIVE_INFINITY, timeZone };
    return rows.map((row) => readRow(row, options)).filter((row) => typeof row !== "string");
  }

  const countUnsubscribed = async (signal: AbortSignal) => (await client.count(signal)).unsubscribed;
  return { concurrency, pages, search, countUnsubscribed };
}
