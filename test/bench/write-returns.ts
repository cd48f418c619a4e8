import type { Return } from "../../functions/domain/return.ts";

const firstNames = ["Zoé", "Hélène", "François", "Anaïs", "Jean-Rémy"];
const batchRows = 10_000;

/** Returns for this many readers, who have all left, in batches as a plan has them. */
export async function* syntheticReturns(size: number): AsyncGenerator<readonly Return[]> {
  for (let from = 0; from < size; from += batchRows) {
    yield Array.from({ length: Math.min(batchRows, size - from) }, (_, index) =>
      syntheticReturn(from + index),
    );
  }
}

function syntheticReturn(n: number): Return {
  const address = `reader.${n}@example${n % 97}.fr`;
  return {
    kind: "return",
    tells: "unsubscribed",
    address,
    email: address,
    reason: "unsubscribed by the reader",
    cause: "READER",
    changedAt: "2026-01-31T08:30:00.000Z",
    guid: String(1_000_000 + n),
    fields: { data_firstname: firstNames[n % firstNames.length]! },
  };
}
