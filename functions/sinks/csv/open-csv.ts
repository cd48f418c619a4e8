import { stringify } from "csv-stringify/sync";
import type { Return } from "../../domain/return.ts";
import { returnedKey } from "../../platform/storage/object-keys.ts";
import { returnColumns, valuesOf } from "../return-row.ts";
import type { Sink, SinkAccess } from "../sink.ts";

/** Beyond RFC 4180: a carriage return, which many readers take for the end of a row. */
const csvOptions = { quoted_match: /\r/ };

/** Writes returns into a file of the exchange bucket, which appears when it is whole. No returns, no file. */
export function openCsv({ files, list, runId }: Pick<SinkAccess, "files" | "list" | "runId">): Sink {
  return {
    async take(returns, { commit, signal }) {
      let rows = 0;
      const pieces = piecesOf(counted());
      const header = await pieces.next();
      if (header.done) return { rows, statements: [] };
      if (commit) {
        const contentType = "text/csv; charset=utf-8";
        await files.upload(returnedKey(list, runId), prepend(header.value, pieces), { contentType, signal });
      } else {
        for await (const _ of pieces);
      }
      return { rows, statements: [] };

      async function* counted(): AsyncGenerator<readonly Return[]> {
        for await (const batch of returns) {
          signal.throwIfAborted();
          rows += batch.length;
          if (batch.length > 0) yield batch;
        }
      }
    },
  };
}

/** The file, in pieces of a batch each, the first of which is its header; nothing if there are no returns. */
async function* piecesOf(batches: AsyncIterable<readonly Return[]>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const batch of batches) {
    if (isFirst) yield encode([returnColumns]);
    isFirst = false;
    yield encode(batch.map(valuesOf));
  }
}

async function* prepend<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* others;
}

function encode(rows: readonly (readonly (string | undefined)[])[]): Uint8Array {
  return Buffer.from(stringify([...rows], csvOptions));
}
