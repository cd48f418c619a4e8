import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syntheticCause, syntheticSourceRow } from "../../infra/sandbox/ownpage/synthetic-subscriber.ts";

interface Source {
  /** The number of subscribers in the list, and of rows in the source. */
  readonly size: number;
  readonly percentChanged: 0 | 1 | 2;
  /** The rows of the list. @default those of a synthetic list at Ownpage */
  readonly list?: SyntheticList;
}

interface SyntheticList {
  /** The source's column for first names. */
  readonly firstName: string;
  /** A subscriber in the publisher's own database. */
  rowOf(n: number): { readonly email: string; readonly guid: string; readonly firstName: string };
  isSubscribed(n: number): boolean;
}

const ownpageList: SyntheticList = {
  firstName: "data_firstname",
  rowOf: (n) => {
    const { email, guid, data_firstname } = syntheticSourceRow(n);
    return { email, guid, firstName: data_firstname };
  },
  isSubscribed: (n) => syntheticCause(n) === undefined,
};

/**
 * Writes the database's side of a synthetic list as CSV, with none, 1 or 2 % of the list to be changed: of every 400 or 200
 * subscribers one is missing, two have another first name, and one is new. One row in ten is unsubscribed, as in the
 * list. A source of half the size is the first half of the whole.
 */
export async function writeSource(file: string, source: Source): Promise<void> {
  await pipeline(Readable.from(linesOf(source)), createWriteStream(file));
}

function* linesOf({ size, percentChanged, list = ownpageList }: Source): Generator<string> {
  const period = percentChanged === 0 ? undefined : 400 / percentChanged;
  yield `email,subscribed,guid,${list.firstName}\n`;
  let lines = "";
  for (let n = 0; n < size; n++) {
    const place = period === undefined ? undefined : n % period;
    lines += lineOf(n, place, list);
    if (place === 0) lines += `new.${n}@example.fr,true,${9_000_000_000 + n},Nouvelle\n`;
    if (lines.length > 1 << 16) {
      yield lines;
      lines = "";
    }
  }
  yield lines;
}

/** @param place in the period, which decides what is changed */
function lineOf(n: number, place: number | undefined, list: SyntheticList): string {
  const { email, guid, firstName } = list.rowOf(n);
  if (place === 1) return "";
  const shown = place === 2 || place === 3 ? "Autre" : firstName;
  return `${email},${list.isSubscribed(n)},${guid},${shown}\n`;
}
