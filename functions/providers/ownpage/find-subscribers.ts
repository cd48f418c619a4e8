import pMap from "p-map";
import { canonicalEmail } from "../../domain/email.ts";
import type { FoundSubscribers, Provider } from "../provider.ts";
import { spellingsOf } from "./look-again.ts";
import type { ListReader } from "./pages/list-reader.ts";

/** Up to this many addresses are searched for one by one. Beyond it, a page of 10,000 rows costs less. */
const maxSearches = 50;

/** Searches for addresses as {@link Provider.findSubscribers} says. */
export function createSearch(reader: ListReader): NonNullable<Provider["findSubscribers"]> {
  return async (addresses, options): Promise<FoundSubscribers | undefined> => {
    const wanted = new Set(addresses);
    if (wanted.size > maxSearches) return undefined;
    const texts = [...wanted].flatMap(spellingsOf);
    const { concurrency } = reader;
    const answers = await pMap(texts, (text) => reader.searchFully(text, options), { concurrency });
    const found = answers.filter((answer) => answer !== undefined);
    if (found.length < answers.length) return undefined;
    // A row in two scripts is found twice.
    const rows = found.flatMap(({ rows }) => rows).filter(({ email }) => wanted.has(canonicalEmail(email)));
    return {
      rows: [...new Map(rows.map((row) => [row.email, row])).values()],
      showsGuid: found.some(({ showsGuid }) => showsGuid),
      showsData: found.some(({ showsData }) => showsData),
    };
  };
}
