import { addAbortListener } from "node:events";
import { Readable } from "node:stream";
import { ProviderContractError, ProviderUnavailableError } from "../../domain/provider-errors.ts";
import type { HttpResponse } from "./send-request.ts";

/** A body that is streamed. */
export interface StreamedBody {
  /**
   * Fails with a ProviderUnavailableError when the body is cut short or the next bytes take longer than `timeoutMs`,
   * and with the signal's reason when that fires. It is never retried.
   */
  readonly stream: Readable;
  /** The length that the response declares, if it does. */
  readonly expectedBytes: number | undefined;
  /**
   * Whether a body that is cut short is noticed, because its length is declared or it is chunked. Any other body ends
   * when its connection does, for whatever reason.
   */
  readonly isEndCertain: boolean;
}

const noContent = 204;
/** Any other 2xx has a part of the content (206), or none of it yet (202). */
const wholeStatuses: readonly number[] = [200, noContent];

/**
 * Opens the body of a response; call it in the `read` of an HttpCall.
 *
 * @throws ProviderContractError when the status is not that of a whole body
 */
export function openBody(
  response: HttpResponse,
  call: { endpoint: string; signal: AbortSignal; timeoutMs: number },
): StreamedBody {
  if (!wholeStatuses.includes(response.status)) {
    response.body.destroy();
    throw new ProviderContractError(call.endpoint, `answered with status ${response.status}, not with 200`);
  }
  const expectedBytes = declaredLength(response);
  const { body } = response;
  const chunks = body[Symbol.asyncIterator]();
  let received = 0;

  async function readNext(this: Readable): Promise<void> {
    const fail = (problem: string) => this.destroy(new ProviderUnavailableError(call.endpoint, 1, problem));
    const timer = setTimeout(() => fail(`a time-out after ${call.timeoutMs} ms`), call.timeoutMs);
    try {
      const { value: chunk, done } = await chunks.next();
      received += chunk?.length ?? 0;
      this.push(done ? null : chunk);
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
      body.destroy();
      done(error);
    },
  });
  const listener = addAbortListener(call.signal, () => stream.destroy(call.signal.reason));
  return { stream, expectedBytes, isEndCertain: isEndCertain(response) };
}

function isEndCertain({ status, headers }: HttpResponse): boolean {
  if (status === noContent) return true;
  return "content-length" in headers || /\bchunked\s*$/i.test(String(headers["transfer-encoding"]));
}

/** The declared length of a compressed body is not that of the bytes we see. */
function declaredLength({ status, headers }: HttpResponse): number | undefined {
  if (status === noContent) return 0;
  const { "content-length": length, "content-encoding": encoding } = headers;
  return length === undefined || encoding !== undefined ? undefined : Number(length);
}
