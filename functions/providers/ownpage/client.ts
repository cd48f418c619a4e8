import { ProviderRefusalError } from "../../domain/errors.ts";
import { expectShape, parseJson, readBytes, readJson } from "../../platform/http-json.ts";
import { openBody, type StreamedBody } from "../../platform/http-stream.ts";
import { writeRefusalOf } from "./refusal.ts";
import * as schema from "./schema.ts";
import { createSession, type Session, type SessionOptions } from "./session.ts";

export interface ClientOptions extends SessionOptions {
  /** Left out, the older API of one implicit list is called. */
  readonly listId?: number | undefined;
}

export interface PageQuery {
  /** @default subscribed, says the API */
  readonly status?: "subscribed" | "unsubscribed" | "all";
  readonly offset?: number;
  /** 1 to 10 000. @default 1000, says the API */
  readonly count?: number;
  /** Keeps the addresses that match it. */
  readonly search?: string;
  /** Whether they must be equal to it. */
  readonly exact?: boolean;
}

/** A row as it is sent. Without `subscribed` a known address keeps its status, and a new one is subscribed. */
export interface SentRow {
  readonly email: string;
  readonly subscribed?: boolean;
  /** With `subscribed: false`; the API takes READER when it is left out. */
  readonly unsubscribed_cause?: "READER" | "PUBLISHER";
  /** `guid` and `data_*`. */
  readonly [field: string]: string | boolean | undefined;
}

/** A day's file of an event; or that it is not there, or that the account does not include events. */
export type EventsFile =
  | ({ readonly outcome: "found" } & StreamedBody)
  | { readonly outcome: "absent" }
  | { readonly outcome: "notIncluded" };

/**
 * The calls of Ownpage's API, but those that delete: they destroy a reader's history. A write may be repeated,
 * as it sets a state. Every call throws ProviderUnavailableError, CredentialError, ProviderRefusalError or
 * ProviderContractError.
 */
export class OwnpageClient {
  readonly #session: Session;
  readonly #list: { readonly template: string; readonly path: string };

  constructor({ listId, ...options }: ClientOptions) {
    this.#session = createSession(options);
    this.#list =
      listId === undefined
        ? { template: "/newsletters/subscribers", path: "/newsletters/subscribers" }
        : {
            template: "/newsletters/lists/{list}/subscribers",
            path: `/newsletters/lists/${listId}/subscribers`,
          };
  }

  /** Requests made so far, and those of them that repeated an earlier one. */
  get requests(): { readonly sent: number; readonly retried: number } {
    return this.#session.http.requests;
  }

  lists(signal: AbortSignal): Promise<schema.OwnpageList[]> {
    const path = "/newsletters/lists";
    return this.#session.call({
      method: "GET",
      template: path,
      path,
      signal,
      read: (response) => readJson(response, schema.listsSchema),
    });
  }

  count(signal: AbortSignal): Promise<schema.OwnpageCounts> {
    return this.#session.call({
      method: "GET",
      template: `${this.#list.template}/count`,
      path: `${this.#list.path}/count`,
      signal,
      read: (response) => readJson(response, schema.countSchema),
    });
  }

  /** One page of the list, whose bytes `parse` reads; a HttpFault that it throws has the page asked for again. */
  readPage<T>(query: PageQuery, parse: (bytes: Uint8Array) => T, signal: AbortSignal): Promise<T> {
    return this.#session.call({
      method: "GET",
      ...this.#list,
      query: { ...query },
      signal,
      read: async (response) => parse(await readBytes(response)),
    });
  }

  /** The first rows, 1 000 at the most, whose address matches: to look at a few. */
  findSubscribers(query: PageQuery, signal: AbortSignal): Promise<schema.SubscriberRow[]> {
    return this.readPage(query, (bytes) => expectShape(schema.pageSchema, parseJson(bytes)), signal);
  }

  /**
   * Creates and updates; one row, or 20 000 at the most.
   *
   * @param options.onSend called each time the rows are sent
   * @throws BatchRefusedError when rows are refused: nothing was applied then
   */
  write(
    rows: SentRow | readonly SentRow[],
    { signal, onSend }: { signal: AbortSignal; onSend?: () => void },
  ): Promise<schema.WriteReport> {
    const count = Array.isArray(rows) ? rows.length : 1;
    return this.#session.call({
      method: "POST",
      ...this.#list,
      body: rows,
      signal,
      onSend,
      read: async (response) => (await readJson(response, schema.writeReportSchema)).report,
      refused: (endpoint, status, body) => writeRefusalOf(endpoint, status, { body, rows: count }),
    });
  }

  /**
   * Has the provider fetch a CSV and import it, which goes on after the answer.
   *
   * @param file.url reachable by the provider, and for as long as its import may wait
   */
  importFile(file: { listId: number; url: string }, signal: AbortSignal): Promise<schema.FileImport> {
    return this.#session.call({
      method: "POST",
      template: "/files",
      path: "/files",
      body: { email_list_id: file.listId, url: file.url },
      signal,
      read: (response) => readJson(response, schema.fileImportSchema),
    });
  }

  /**
   * Opens the CSV of an event's day, which is complete only after the day is over. Not compressed, so that its
   * length is known and a file cut short is seen.
   *
   * @param file.date YYYY-MM-DD
   */
  async openEvents(file: { event: string; date: string }, signal: AbortSignal): Promise<EventsFile> {
    try {
      const body = await this.#open({
        template: "/newsletters/events/{event}/{date}",
        path: `/newsletters/events/${encodeURIComponent(file.event)}/${encodeURIComponent(file.date)}`,
        signal,
      });
      return { outcome: "found", ...body };
    } catch (error) {
      const status = error instanceof ProviderRefusalError ? error.status : undefined;
      if (status === 404) return { outcome: "absent" };
      if (status === 402 || status === 403) return { outcome: "notIncluded" };
      throw error;
    }
  }

  /** Has the campaigns' performance exported, and opens the file. Days are YYYY-MM-DD. */
  async openCampaignExport(
    days: { startDate: string; endDate: string },
    signal: AbortSignal,
  ): Promise<StreamedBody & { readonly filename: string }> {
    const path = "/newsletters/stats/export";
    const { token, filename } = await this.#session.call({
      method: "GET",
      template: path,
      path,
      query: days,
      signal,
      read: (response) => readJson(response, schema.statsExportSchema),
    });
    const body = await this.#open({
      template: "/export/{token}/{filename}",
      path: `/export/${encodeURIComponent(token)}/${encodeURIComponent(filename)}`,
      signal,
    });
    return { ...body, filename };
  }

  /**
   * Sends a reader the mail in which to confirm a subscription; with `update`, changes a known reader's data
   * without one. Limited to 5 requests a minute, which are waited for as any 429 is.
   */
  optIn(
    form: { trackingKey: string; formKey: string },
    row: { email: string; update?: true; [field: `data_${string}`]: string },
    signal: AbortSignal,
  ): Promise<void> {
    return this.#session.callOpenly({
      method: "POST",
      template: "/subscribe/{trackingKey}",
      path: `/subscribe/${encodeURIComponent(form.trackingKey)}`,
      body: { form_key: form.formKey, ...row },
      signal,
      read: async (response) => void (await readJson(response, schema.optInSchema)),
    });
  }

  #open(call: { template: string; path: string; signal: AbortSignal }): Promise<StreamedBody> {
    const { signal } = call;
    const { timeoutMs } = this.#session.http;
    return this.#session.call({
      method: "GET",
      ...call,
      headers: { "accept-encoding": "identity" },
      read: async (response, endpoint) => openBody(response, { endpoint, signal, timeoutMs }),
    });
  }
}
