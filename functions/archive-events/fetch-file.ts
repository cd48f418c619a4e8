import pRetry from "p-retry";
import { ConfigurationError, ProviderUnavailableError } from "../domain/errors.ts";
import type { StreamedBody } from "../platform/http/http-stream.ts";
import type { EventFile } from "./report.ts";
import { BrokenBodyError, type SpooledFile, spoolBody } from "./spool-body.ts";

/** The provider's event files; opening one is tried again below, a body that breaks midway is not. */
export interface EventFiles {
  readonly requests: { readonly sent: number; readonly retried: number };
  openEvents(
    file: EventFile,
    signal: AbortSignal,
  ): Promise<
    | ({ readonly outcome: "found" } & StreamedBody)
    | { readonly outcome: "absent" }
    | { readonly outcome: "notIncluded" }
  >;
}

/** The provider refuses events: one file's by mistake, or all of them because nobody has bought them. */
export class NotIncludedError extends ConfigurationError {
  constructor() {
    super(
      "archive.schedule",
      "the provider's account does not include events, a premium feature: " +
        'ask the provider for it, or take "archive.schedule" out of the configuration and deploy',
    );
  }
}

/** As messages and a file's metadata name it. */
export const endpoint = "GET /newsletters/events/{event}/{date}";

const attempts = 3;

/**
 * Fetches a file whole onto the disk.
 *
 * @returns undefined when the provider has no such file
 * @throws NotIncludedError; ProviderUnavailableError when the body
 *   did not come whole, however often it was asked for; what `openEvents` throws
 */
export async function fetchFile(
  file: EventFile,
  { files, path, signal }: { files: EventFiles; path: string; signal: AbortSignal },
): Promise<SpooledFile | undefined> {
  const attempt = async () => {
    const opened = await files.openEvents(file, signal);
    if (opened.outcome === "found") return await spoolBody(opened, { path, signal });
    if (opened.outcome === "absent") return undefined;
    throw new NotIncludedError();
  };
  try {
    const shouldRetry = ({ error }: { error: Error }) => error instanceof BrokenBodyError;
    return await pRetry(attempt, { retries: attempts - 1, minTimeout: 0, shouldRetry, signal });
  } catch (error) {
    if (!(error instanceof BrokenBodyError)) throw error;
    throw new ProviderUnavailableError(endpoint, attempts, error.message, { cause: error });
  }
}
