import { RecordWriter } from "../../domain/record-writer.ts";
import type { CurrentSubscriber } from "../../domain/subscriber.ts";
import type { SubscriberPage } from "../../domain/subscriber-index.ts";
import { createBodyReader } from "../../platform/body-reader.ts";
import type { HttpAnswer } from "../../platform/http-answer.ts";
import type { ReadOptions } from "../provider.ts";
import type { OwnpageClient } from "./client.ts";
import { packPage } from "./pack-page.ts";
import { subscriberOf } from "./page-rows.ts";
import { type PageRequest, readPages } from "./read-pages.ts";

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
    const { columns, recentSince, expected, signal, onAllAsked } = options;
    const writer = new RecordWriter();
    const readBody = createBodyReader();
    const parse = (bytes: Uint8Array) => packPage(writer, bytes, { columns, recentSince, timeZone });
    const readPage = (offset: number, { signal, onSend, onReceived }: PageRequest) => {
      const query = { status, offset, count: pageRows };
      const read = (answer: HttpAnswer) => readBody(answer, { parse, onReceived });
      return client.readPage(query, { read, signal, onSend });
    };
    return readPages({ concurrency, pageRows, expected, signal, onAllAsked, readPage });
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
