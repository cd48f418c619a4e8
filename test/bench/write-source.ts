import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syntheticCause, syntheticSourceRow } from "../../infra/sandbox/ownpage/synthetic-subscriber.ts";

interface Source {
  /** The number of subscribers in the list, and of rows in the source. */
  readonly size: number;
  readonly percentChanged: 1 | 2;
}

/**
 * Writes the database's side of a synthetic list as CSV, with 1 or 2 % of the list to be changed: of every 400 or 200
 * subscribers one is missing, two have another first name, and one is new. One row in ten is unsubscribed, as in the
 * list. A source of half the size is the first half of the whole.
 */
export async function writeSource(file: string, source: Source): Promise<void> {
  await pipeline(Readable.from(linesOf(source)), createWriteStream(file));
}

function* linesOf({ size, percentChanged }: Source): Generator<string> {
  const period = 400 / percentChanged;
  yield "email,subscribed,guid,data_firstname\n";
  let lines = "";
  for (let n = 0; n < size; n++) {
    lines += lineOf(n, n % period);
    if (n % period === 0) lines += `new.${n}@example.fr,true,${9_000_000_000 + n},Nouvelle\n`;
    if (lines.length > 1 << 16) {
      yield lines;
      lines = "";
    }
  }
  yield lines;
}

/** @param place in the period, which decides what is changed */
function lineOf(n: number, place: number): string {
  const { email, guid, data_firstname } = syntheticSourceRow(n);
  if (place === 1) return "";
  const firstName = place === 2 || place === 3 ? "Autre" : data_firstname;
  return `${email},${syntheticCause(n) === undefined},${guid},${firstName}\n`;
}
