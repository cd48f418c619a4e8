import { addAbortListener } from "node:events";
import { Readable } from "node:stream";
import { ProviderUnavailableError } from "../domain/errors.ts";

/** A body that is read as it comes. */
export interface StreamedBody {
  /**
   * Fails with a ProviderUnavailableError when the body does not come whole, or when the next bytes take longer
   * than one attempt may; with the signal's reason when that fires. What has begun is not tried again.
   */
  readonly stream: Readable;
  /** As the answer states it; undefined when it does not. */
  readonly expectedBytes: number | undefined;
  /**
   * Whether a body that is cut short fails: its length is stated, or it comes in chunks, of which the last says so.
   * Any other ends where its connection does, whatever ended that.
   */
  readonly isEndCertain: boolean;
}

/** Opens an answer's body; to be called from a call's `read`. */
export function openBody(
  response: Response,
  call: { endpoint: string; signal: AbortSignal; timeoutMs: number },
): StreamedBody {
  const expectedBytes = statedLength(response);
  const reader = response.body?.getReader();
  let received = 0;

  async function readNext(this: Readable): Promise<void> {
    const fail = (problem: string) => this.destroy(new ProviderUnavailableError(call.endpoint, 1, problem));
    const timer = setTimeout(() => fail(`a time-out after ${call.timeoutMs} ms`), call.timeoutMs);
    try {
      const chunk = (await reader?.read())?.value;
      received += chunk?.length ?? 0;
      this.push(chunk ?? null);
    } catch {
      fail(`a body cut short after ${received} bytes`);
    } finally {
      clearTimeout(timer);
    }
  }

  const stream = new Readable({
    read: readNext,
    destroy: (error, done) => {
      listener[Symbol.dispose]();
      const cancelled = reader?.cancel() ?? Promise.resolve();
      cancelled.catch(() => undefined).finally(() => done(error));
    },
  });
  const listener = addAbortListener(call.signal, () => stream.destroy(call.signal.reason));
  return { stream, expectedBytes, isEndCertain: isEndCertain(response) };
}

function isEndCertain({ headers }: Response): boolean {
  return headers.has("content-length") || /\bchunked\s*$/i.test(headers.get("transfer-encoding") ?? "");
}

/** The length of a compressed body is not that of the bytes we get to see. */
function statedLength({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}
