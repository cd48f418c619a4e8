import { createHttp } from "../../platform/http/http.ts";
import type { Importer } from "../importer.ts";
import { createOwnpageClient } from "./client.ts";
import { createSession, type SessionOptions } from "./session.ts";

/** The provider may fetch a file before it answers, and files are large. */
const attempts = { timeoutMs: 5 * 60_000, retries: 3 };

/** Imports into one list at Ownpage. The older API of one implicit list has no imports. */
export function createOwnpageImporter({ listId, ...options }: SessionOptions & { listId: number }): Importer {
  const session = createSession({ http: createHttp(attempts), ...options });
  const client = createOwnpageClient(session, listId);
  return {
    requests: session.http.requests,
    countSubscribers: (signal) => client.count(signal),
    importFile: async (url, signal) => {
      const { id, status, size } = await client.importFile({ listId, url }, signal);
      return { id, status, ...(size !== undefined && { bytes: size }) };
    },
  };
}
