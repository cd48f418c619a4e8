import { ProviderRefusalError } from "../../domain/provider-errors.ts";
import { openBody } from "../../platform/http/http-stream.ts";
import type { EventFile, EventFiles, OpenedEventFile } from "../event-files.ts";
import { createSession, type SessionOptions } from "./session.ts";

const template = "/newsletters/events/{event}/{date}";

/** The event files of one account at Ownpage. A day's file is complete only after the day is over. */
export function createOwnpageEventFiles(options: SessionOptions): EventFiles {
  const session = createSession(options);
  const { requests, timeoutMs } = session.http;

  async function openEvents({ event, date }: EventFile, signal: AbortSignal): Promise<OpenedEventFile> {
    try {
      const body = await session.call({
        method: "GET",
        template,
        path: `/newsletters/events/${encodeURIComponent(event)}/${encodeURIComponent(date)}`,
        // Uncompressed, so that its length is known and a file cut short is noticed.
        headers: { "accept-encoding": "identity" },
        signal,
        read: async (response, endpoint) => openBody(response, { endpoint, signal, timeoutMs }),
      });
      return { outcome: "found", ...body };
    } catch (error) {
      const status = error instanceof ProviderRefusalError ? error.status : undefined;
      if (status === 404) return { outcome: "absent" };
      if (status === 402 || status === 403) return { outcome: "notIncluded" };
      throw error;
    }
  }
  return { endpoint: `GET ${template}`, requests, openEvents };
}
