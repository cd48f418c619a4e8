import { ProviderRefusalError } from "../../domain/errors.ts";
import { readJson } from "../../platform/http/http-json.ts";
import { openBody, type StreamedBody } from "../../platform/http/http-stream.ts";
import { statsExportSchema } from "./schema.ts";
import type { Session } from "./session.ts";

/** A day's file of an event; or that it is not there, or that the account does not include events. */
export type EventsFile =
  | ({ readonly outcome: "found" } & StreamedBody)
  | { readonly outcome: "absent" }
  | { readonly outcome: "notIncluded" };

/** The files that the provider makes. Calls throw as those of OwnpageClient do. */
export class OwnpageFiles {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
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
      read: (response) => readJson(response, statsExportSchema),
    });
    const body = await this.#open({
      template: "/export/{token}/{filename}",
      path: `/export/${encodeURIComponent(token)}/${encodeURIComponent(filename)}`,
      signal,
    });
    return { ...body, filename };
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
