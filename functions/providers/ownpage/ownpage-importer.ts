import { createHttp } from "../../platform/http/http.ts";
import type { Importer } from "../importer.ts";
import { createOwnpageClient } from "./client.ts";
import { createOwnpageProvider, type OwnpageProviderOptions } from "./ownpage-provider.ts";
import { createSession } from "./session.ts";

/** The provider may fetch a file before it answers, and files are large. */
const attempts = { timeoutMs: 5 * 60_000, retries: 3 };

/** Imports into one list at Ownpage. The older API of one implicit list has no imports. */
export function createOwnpageImporter(
  options: OwnpageProviderOptions & { readonly listId: number },
): Importer {
  const { listId } = options;
  const list = createOwnpageProvider(options);
  const session = createSession({ ...options, http: createHttp(attempts) });
  const client = createOwnpageClient(session, listId);
  return {
    requests: {
      get sent() {
        return list.requests.sent + session.http.requests.sent;
      },
      get retried() {
        return list.requests.retried + session.http.requests.retried;
      },
    },
    clearsFields: list.clearsFields,
    countSubscribers: (signal) => list.countSubscribers(signal),
    readPages: (reading) => list.readPages(reading),
    importFile: async (file, { signal }) => {
      const url = await file.link();
      const { id, status, size } = await client.importFile({ listId, url }, signal);
      return { id, status, ...(size !== undefined && { bytes: size }) };
    },
  };
}
