import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syntheticCause, syntheticSourceRow } from "../../infra/local/sandbox/synthetic-subscriber.ts";

/**
 * Writes the database's side of a synthetic list as CSV, with 2 % of the list to be changed: of every 200
 * subscribers one is not in it, two have another first name, and one is new.
 */
export async function writeSource(file: string, size: number): Promise<void> {
  await pipeline(Readable.from(linesOf(size)), createWriteStream(file));
}

function* linesOf(size: number): Generator<string> {
  yield "email,subscribed,guid,data_firstname\n";
  let lines = "";
  for (let n = 0; n < size; n++) {
    lines += lineOf(n);
    if (n % 200 === 0) lines += `new.${n}@example.fr,true,${9_000_000_000 + n},Nouvelle\n`;
    if (lines.length > 1 << 16) {
      yield lines;
      lines = "";
    }
  }
  yield lines;
}

function lineOf(n: number): string {
  const { email, guid, data_firstname } = syntheticSourceRow(n);
  if (n % 200 === 1) return "";
  const firstName = n % 200 === 2 || n % 200 === 3 ? "Autre" : data_firstname;
  return `${email},${syntheticCause(n) === undefined},${guid},${firstName}\n`;
}
