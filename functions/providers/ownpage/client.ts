import type { HttpCall, Patience } from "../../platform/http/http-call.ts";
import { readJson } from "../../platform/http/http-json.ts";
import type { HttpResponse } from "../../platform/http/send-request.ts";
import * as answers from "./answers.ts";
import { refusalOf, writeRefusalOf } from "./refusal.ts";
import type { OwnpageCall, Session } from "./session.ts";

interface PageQuery {
  /** @default subscribed, in the API */
  readonly status?: "subscribed" | "unsubscribed" | "all";
  readonly offset?: number;
  /** 1 to 10 000. @default 1000, in the API */
  readonly count?: number;
  /** Only addresses that match it. */
  readonly search?: string;
  /** Whether an address must equal `search`. */
  readonly exact?: boolean;
}

interface PageUse<T> {
  /** Makes something of the body. If it throws an HttpFault, the page is asked for again. */
  readonly read: (answer: HttpResponse) => Promise<T>;
  readonly signal: AbortSignal;
  /** See {@link HttpCall.acquire}. */
  readonly acquire?: HttpCall<T>["acquire"];
}

/** A row as it is sent. Without `subscribed` a known address keeps its status, and a new one is subscribed. */
export interface SentRow {
  readonly email: string;
  readonly subscribed?: boolean;
  /** Goes with `subscribed: false`. Without it the API records READER. */
  readonly unsubscribed_cause?: "READER" | "PUBLISHER";
  /** `guid` and `data_*`. */
  readonly [field: string]: string | boolean | undefined;
}

interface SendOptions {
  readonly signal: AbortSignal;
  /** Called each time the rows are sent. */
  readonly onSend: () => void;
  /** Where a sent row stands in the caller's batch, both from 0; -1 if nowhere. */
  readonly placeOf: (position: number) => number;
  /** How often the rows are sent at which the provider fails. @default "usual" */
  readonly tries?: keyof typeof patienceOf | undefined;
}

/** A batch on which the provider fails after a minute of work is not worth six tries, and part of one only one. */
const patienceOf = {
  usual: { ms: 90_000 },
  few: { attempts: 2, ms: 30_000 },
} as const satisfies Record<string, Patience>;

/** A subscription form of the account. */
interface OptInForm {
  readonly trackingKey: string;
  readonly formKey: string;
}

/**
 * The calls that read and write a list. Those that delete are left out: they destroy a reader's history. Each
 * throws ProviderUnavailableError, CredentialError, ProviderRefusalError or ProviderContractError when it
 * fails. Writes are retried like reads, as they set a state.
 */
export interface OwnpageClient {
  count(signal: AbortSignal): Promise<answers.OwnpageCounts>;
  readPage<T>(query: PageQuery, use: PageUse<T>): Promise<T>;
  /** The matching rows of one page, unread. */
  findSubscribers(query: PageQuery, signal: AbortSignal): Promise<unknown[]>;
  /**
   * Creates and updates up to 20 000 rows.
   *
   * @param rows makes them for each attempt; what it throws is thrown
   * @throws BatchRefusedError when rows are refused, which applies none of them
   */
  write(rows: () => Promise<readonly SentRow[]>, options: SendOptions): Promise<answers.WriteReport>;
  /**
   * Tells the provider to fetch a CSV and import it, which goes on after the answer. A file imported twice
   * changes nothing more.
   *
   * @param file.url must be reachable by the provider for as long as the import may wait
   */
  importFile(file: { listId: number; url: string }, signal: AbortSignal): Promise<answers.FileImport>;
  /**
   * Sends a reader the mail that asks to confirm a subscription, or a second one if the call has to be retried;
   * with `update`, changes a known reader's data without a mail. The provider takes 5 requests a minute and
   * answers 429 beyond them, which is waited for.
   */
  optIn(
    form: OptInForm,
    row: { email: string; update?: true; [field: `data_${string}`]: string },
    signal: AbortSignal,
  ): Promise<void>;
}

/** @param listId left out, the older API of one implicit list is called */
export function createOwnpageClient(session: Session, listId: number | undefined): OwnpageClient {
  const list = listPath(listId);
  const refused = (endpoint: string, status: number) => refusalOf(endpoint, status, listId);
  const readPage: OwnpageClient["readPage"] = (query, use) =>
    session.call({ method: "GET", ...list, query: { ...query }, refused, ...use });
  return {
    readPage,
    count: (signal) =>
      session.call({
        method: "GET",
        template: `${list.template}/count`,
        path: `${list.path}/count`,
        signal,
        read: (response) => readJson(response, answers.countSchema),
        refused,
      }),
    findSubscribers: (query, signal) =>
      readPage(query, { read: (response) => readJson(response, answers.pageSchema), signal }),
    write: (rows, options) => session.call({ ...list, ...writeOf(rows, options, refused) }),
    importFile: (file, signal) =>
      session.call({
        method: "POST",
        template: "/files",
        path: "/files",
        body: { email_list_id: file.listId, url: file.url },
        signal,
        read: (response) => readJson(response, answers.fileImportSchema),
      }),
    optIn: ({ trackingKey, formKey }, row, signal) =>
      session.callOpenly({
        method: "POST",
        template: "/subscribe/{trackingKey}",
        path: `/subscribe/${encodeURIComponent(trackingKey)}`,
        body: { form_key: formKey, ...row },
        signal,
        read: async (response) => void (await readJson(response, answers.optInSchema)),
      }),
  };
}

/** @param refused the error for a status that says nothing of the rows */
function writeOf(
  rows: () => Promise<readonly SentRow[]>,
  { signal, onSend, placeOf, tries = "usual" }: SendOptions,
  refused: (endpoint: string, status: number) => Error,
): Omit<OwnpageCall<answers.WriteReport>, "template" | "path"> {
  let sent: readonly SentRow[] = [];
  return {
    method: "POST",
    body: async () => {
      sent = await rows();
      return sent;
    },
    signal,
    onSend,
    patience: patienceOf[tries],
    mayBeRows: true,
    read: async (response) => (await readJson(response, answers.writeReportSchema)).report,
    refused: (endpoint, status, body) =>
      writeRefusalOf(endpoint, status, { body, sent, placeOf }) ?? refused(endpoint, status),
  };
}

function listPath(listId: number | undefined): { template: string; path: string } {
  if (listId === undefined) return { template: "/newsletters/subscribers", path: "/newsletters/subscribers" };
  const template = "/newsletters/lists/{list}/subscribers";
  return { template, path: template.replace("{list}", String(listId)) };
}
