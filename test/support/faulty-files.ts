import type { FileStore } from "../../functions/platform/storage/file-store.ts";
import type { Calls } from "./calls.ts";

/**
 * A file store whose calls may suffer faults. An upload makes several: one at its beginning, one after each chunk, and one
 * at its end, when the file appears.
 */
export function faultyFiles(calls: Calls, files: FileStore, nameOf = (key: string) => key): FileStore {
  return {
    async upload(key, chunks, options) {
      const name = `upload ${nameOf(key)}`;
      const received: Uint8Array[] = [];
      await calls.pass(`${name}: begin`, options.signal);
      for await (const chunk of chunks) {
        received.push(Uint8Array.from(chunk));
        await calls.pass(`${name}: chunk`, options.signal);
      }
      // An upload that is completed late was already sent, and no signal stops it.
      const { signal } = new AbortController();
      const store = () => files.upload(key, each(received), { ...options, signal });
      return await calls.make(`${name}: end`, store, options.signal);
    },
    describe: (key) => calls.make(`describe ${nameOf(key)}`, () => files.describe(key)),
    labelsOf: (key) => calls.make(`labelsOf ${nameOf(key)}`, () => files.labelsOf(key)),
    label: (key, labels) => calls.make(`label ${nameOf(key)}`, () => files.label(key, labels)),
    linkTo: (key, lifeMs) => calls.make(`linkTo ${nameOf(key)}`, () => files.linkTo(key, lifeMs)),
  };
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
