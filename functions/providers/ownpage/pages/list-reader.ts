import { AnswerTooLargeError } from "../../../domain/provider-errors.ts";
import { RecordWriter } from "../../../domain/records/record-writer.ts";
import type { SubscriberPage } from "../../../domain/records/subscriber-page.ts";
import type { CurrentSubscriber } from "../../../domain/subscriber.ts";
import { createBodyReader } from "../../../platform/http/body-reader.ts";
import { megabyte } from "../../../platform/http/read-bytes.ts";
import { createSemaphore, type Release } from "../../../platform/semaphore.ts";
import type { FoundSubscribers, ReadOptions } from "../../provider.ts";
import type { OwnpageClient } from "../client.ts";
import { packPage } from "./pack-page.ts";
import { readRow, shownIn } from "./page-rows.ts";
import { type PageRange, readPages } from "./read-pages.ts";

type SearchOptions = Pick<ReadOptions, "columns" | "subscribedSince">;

/** All bodies that arrive at the same time, and one of them. A usual page of 10,000 rows has 3 to 6 MB. */
const bodiesBytes = 64 * megabyte;
const pageBytes = { least: 4 * megabyte, most: 16 * megabyte };

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
  search(email: string, signal: AbortSignal): Promise<readonly CurrentSubscriber[] | undefined>;
  /** The same with fields, and whether the provider shows any. */
  searchFully(
    email: string,
    options: SearchOptions & { signal: AbortSignal },
  ): Promise<FoundSubscribers | undefined>;
  countUnsubscribed(signal: AbortSignal): Promise<number>;
}

export function createListReader({ client, timeZone, concurrency, pageRows }: ListReaderOptions): ListReader {
  function pages(status: "all" | "unsubscribed", options: ReadOptions): AsyncIterable<SubscriberPage> {
    const { columns, subscribedSince, expected, signal } = options;
    const writer = new RecordWriter();
    const readBody = createBodyReader();
    const acquire = createSemaphore(concurrency);
    const readPage = (range: PageRange, signal: AbortSignal) => {
      let release: Release | undefined;
      const page = { columns, subscribedSince, timeZone, offset: range.offset };
      const read = client.readPage(
        { status, ...range },
        {
          acquire: async () => (release = await acquire()),
          // The next page is asked for once this one has arrived, not only once it is packed.
          read: (answer) =>
            readBody(answer, {
              maxBytes: Math.min(Math.max(bodiesBytes / concurrency, pageBytes.least), pageBytes.most),
              parse: (bytes) => packPage(writer, bytes, page),
              onReceived: () => release?.(),
            }),
          signal,
        },
      );
      return range.count === 1 ? read : unlessTooLarge(read);
    };
    return readPages({ ahead: concurrency + pagesReady, pageRows, expected, signal, readPage });
  }

  async function searchFully(
    email: string,
    { signal, ...options }: SearchOptions & { signal: AbortSignal },
  ): Promise<FoundSubscribers | undefined> {
    const search = { status: "all", search: email, count: pageRows } as const;
    const found = await unlessTooLarge(client.findSubscribers(search, signal));
    if (found === undefined || found.length === pageRows) return undefined;
    const rows = found.map((row) => readRow(row, { ...options, timeZone }));
    return { rows: rows.filter((row) => typeof row !== "string"), ...shownIn(found) };
  }

  async function search(
    email: string,
    signal: AbortSignal,
  ): Promise<readonly CurrentSubscriber[] | undefined> {
    const found = await searchFully(email, {
      columns: [],
      subscribedSince: Number.POSITIVE_INFINITY,
      signal,
    });
    return found?.rows;
  }

  const countUnsubscribed = async (signal: AbortSignal) => (await client.count(signal)).unsubscribed;
  return { concurrency, pages, search, searchFully, countUnsubscribed };
}

/** @returns undefined when the answer is too large: fewer rows may do */
function unlessTooLarge<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof AnswerTooLargeError) return undefined;
    throw error;
  });
}
