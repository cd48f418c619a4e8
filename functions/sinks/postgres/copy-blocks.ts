import type { Return } from "../../domain/return.ts";
import { valuesOf } from "../return-row.ts";

/** In characters: enough at once to make the number of blocks of no account, and nothing in memory. */
const blockLength = 1 << 16;

const special = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Returns in the text format of PostgreSQL's COPY, in blocks of whole rows. */
export async function* copyBlocks(
  returns: AsyncIterable<readonly Return[]>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let lines = "";
  for await (const batch of returns) {
    signal.throwIfAborted();
    for (const row of batch) {
      lines += `${valuesOf(row).map(fieldOf).join("\t")}\n`;
      if (lines.length < blockLength) continue;
      yield Buffer.from(lines);
      lines = "";
    }
  }
  if (lines !== "") yield Buffer.from(lines);
}

function fieldOf(value: string | undefined): string {
  return value === undefined ? "\\N" : value.replace(special, (character) => escapes[character]!);
}
