import pRetry from "p-retry";
import { ConfigurationError } from "../domain/errors.ts";
import { ProviderUnavailableError } from "../domain/provider-errors.ts";
import type { EventFile, EventFiles } from "../providers/event-files.ts";
import { BrokenBodyError, type DownloadedFile, downloadBody } from "./download-body.ts";
import { RowCheck } from "./row-check.ts";

/** The provider refuses events: those of one file by mistake, or all of them because the account lacks the feature. */
export class NotIncludedError extends ConfigurationError {
  constructor() {
    super(
      "archive.schedule",
      "the provider's account does not include events, a premium feature: " +
        'ask the provider for it, or take "archive.schedule" out of the configuration and deploy',
    );
  }
}

const attempts = 3;

/**
 * Downloads a file onto the disk, again if its body breaks or may have been cut. One that may still be cut at the last
 * attempt is returned with its problem.
 *
 * @returns undefined when the provider has no such file
 * @throws NotIncludedError; ProviderUnavailableError when no attempt brought the whole body; whatever `openEvents`
 *   throws
 */
export async function fetchFile(
  file: EventFile,
  {
    files,
    path,
    timeZone,
    signal,
  }: { files: EventFiles; path: string; timeZone: string; signal: AbortSignal },
): Promise<DownloadedFile | undefined> {
  const attempt = async (count: number) => {
    const opened = await files.openEvents(file, signal);
    if (opened.outcome === "absent") return undefined;
    if (opened.outcome === "notIncluded") throw new NotIncludedError();
    const check = new RowCheck(file, timeZone);
    const download = await downloadBody(opened, { path, check, signal });
    if (download.mayBeCut && count < attempts) throw new BrokenBodyError("a body that may have been cut");
    return download;
  };
  try {
    const shouldRetry = ({ error }: { error: Error }) => error instanceof BrokenBodyError;
    return await pRetry(attempt, { retries: attempts - 1, minTimeout: 0, shouldRetry, signal });
  } catch (error) {
    if (!(error instanceof BrokenBodyError)) throw error;
    throw new ProviderUnavailableError(files.endpoint, attempts, error.message, { cause: error });
  }
}
