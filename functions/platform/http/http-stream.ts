import { addAbortListener } from "node:events";
import { Readable } from "node:stream";
import { ProviderUnavailableError } from "../../domain/errors.ts";
import type { HttpAnswer } from "./http-answer.ts";

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
  answer: HttpAnswer,
  call: { endpoint: string; signal: AbortSignal; timeoutMs: number },
): StreamedBody {
  const expectedBytes = statedLength(answer);
  const { body } = answer;
  const pieces = body[Symbol.asyncIterator]();
  let received = 0;

  async function readNext(this: Readable): Promise<void> {
    const fail = (problem: string) => this.destroy(new ProviderUnavailableError(call.endpoint, 1, problem));
    const timer = setTimeout(() => fail(`a time-out after ${call.timeoutMs} ms`), call.timeoutMs);
    try {
      const { value: piece, done } = await pieces.next();
      received += piece?.length ?? 0;
      this.push(done ? null : piece);
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
  return { stream, expectedBytes, isEndCertain: isEndCertain(answer) };
}

function isEndCertain({ headers }: HttpAnswer): boolean {
  return "content-length" in headers || /\bchunked\s*$/i.test(String(headers["transfer-encoding"]));
}

/** The length of a compressed body is not that of the bytes we get to see. */
function statedLength({ headers }: HttpAnswer): number | undefined {
  const { "content-length": length, "content-encoding": encoding } = headers;
  return length === undefined || encoding !== undefined ? undefined : Number(length);
}
