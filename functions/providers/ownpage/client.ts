import type { HttpCall } from "../../platform/http/http.ts";
import { readJson } from "../../platform/http/http-json.ts";
import type { HttpResponse } from "../../platform/http/send-request.ts";
import { writeRefusalOf } from "./refusal.ts";
import * as schema from "./schema.ts";
import type { Session } from "./session.ts";

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

export interface PageUse<T> {
  /** Makes something of the body; a HttpFault that it throws has the page asked for again. */
  readonly read: (answer: HttpResponse) => Promise<T>;
  readonly signal: AbortSignal;
  /** See {@link HttpCall.acquire}. */
  readonly acquire?: HttpCall<T>["acquire"];
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

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Called each time the rows are sent. */
  readonly onSend?: () => void;
  /** Where a row that was sent stands in the caller's batch, both from 0; -1 for no row of it. @default the same */
  readonly placeOf?: (position: number) => number;
}

/**
 * The calls that read and write lists; those that delete are left out, as they destroy a reader's history.
 * Each throws ProviderUnavailableError, CredentialError, ProviderRefusalError or ProviderContractError when
 * it fails. Writes are repeated like reads: they set a state.
 */
export class OwnpageClient {
  readonly #session: Session;
  readonly #list: { readonly template: string; readonly path: string };

  /** @param listId left out, the older API of one implicit list is called */
  constructor(session: Session, listId: number | undefined) {
    this.#session = session;
    this.#list =
      listId === undefined
        ? { template: "/newsletters/subscribers", path: "/newsletters/subscribers" }
        : {
            template: "/newsletters/lists/{list}/subscribers",
            path: `/newsletters/lists/${listId}/subscribers`,
          };
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

  /** One page of the list. */
  readPage<T>(query: PageQuery, use: PageUse<T>): Promise<T> {
    return this.#session.call({ method: "GET", ...this.#list, query: { ...query }, ...use });
  }

  /** The first rows, 1 000 at the most, whose address matches: to look at a few. */
  findSubscribers(query: PageQuery, signal: AbortSignal): Promise<schema.SubscriberRow[]> {
    return this.readPage(query, { read: (response) => readJson(response, schema.pageSchema), signal });
  }

  /**
   * Creates and updates; one row, or 20 000 at the most.
   *
   * @param rows or what makes them anew each time they are sent; what that throws is thrown
   * @throws BatchRefusedError when rows are refused: nothing was applied then
   */
  write(
    rows: SentRow | readonly SentRow[] | (() => Promise<readonly SentRow[]>),
    { signal, onSend, ...options }: SendOptions,
  ): Promise<schema.WriteReport> {
    const count = typeof rows === "function" ? Number.POSITIVE_INFINITY : [rows].flat().length;
    const { placeOf = (position) => (position < count ? position : -1) } = options;
    return this.#session.call({
      method: "POST",
      ...this.#list,
      body: rows,
      signal,
      onSend,
      read: async (response) => (await readJson(response, schema.writeReportSchema)).report,
      refused: (endpoint, status, body) => writeRefusalOf(endpoint, status, { body, placeOf }),
    });
  }

  /**
   * Has the provider fetch a CSV and import it, which goes on after the answer. Imported twice it changes no more.
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
   * Sends a reader the mail in which to confirm a subscription (a second one, should the call have to be
   * repeated); with `update`, changes a known reader's data without one. The provider takes 5 requests a
   * minute and answers 429 beyond them, which is waited for.
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
}
