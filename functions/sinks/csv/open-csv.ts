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
      const batches = counted();
      const first = await batches.next();
      if (!first.done && commit) {
        const contentType = "text/csv; charset=utf-8";
        await files.upload(returnedKey(list, runId), piecesOf(first.value, batches), { contentType, signal });
      }
      // Those that are only tried are still to be counted.
      for await (const _ of batches);
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

/** The file, in pieces of a batch each. */
async function* piecesOf(
  first: readonly Return[],
  others: AsyncIterable<readonly Return[]>,
): AsyncGenerator<Uint8Array> {
  yield encode([returnColumns, ...first.map(valuesOf)]);
  for await (const batch of others) yield encode(batch.map(valuesOf));
}

function encode(rows: (readonly (string | undefined)[])[]): Uint8Array {
  return Buffer.from(stringify(rows, csvOptions));
}
