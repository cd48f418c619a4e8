import type { Provider } from "../provider.ts";
import { type ConstantContactListOptions, openList } from "./constant-contact-list.ts";
import { writeBatch } from "./write-batch.ts";

const maxBatchRows = 20_000;

/** One list at Constant Contact. */
export function createConstantContactProvider(options: ConstantContactListOptions): Provider {
  const { requests, mirrored, writingTools } = openList(options);
  return {
    maxBatchRows,
    // What an empty value in an import does is not documented, so that none is sent.
    clearsFields: false,
    requests,
    countSubscribers: (signal) => throwingReason(signal, () => mirrored.count(signal)),
    readPages: (reading) => mirrored.pages(reading),
    writeBatch: (changes, { since, tries, signal }) =>
      throwingReason(signal, async () =>
        writeBatch(changes, await writingTools(since, signal), { tries, signal }),
      ),
  };
}

/** A clock that is stopped throws an error of its own. */
export async function throwingReason<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
