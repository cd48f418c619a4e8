import type { Return } from "../../functions/domain/return.ts";

/** An opt-out of jane@example.fr, in all that the test does not say. */
export function returnOf(change: Partial<Return> = {}): Return {
  const address = change.address ?? "jane@example.fr";
  return {
    kind: "return",
    tells: "unsubscribed",
    address,
    email: address,
    reason: "unsubscribed by the reader",
    ...change,
  };
}

/** These returns in one batch. */
export async function* inOneBatch(returns: readonly Return[]): AsyncGenerator<readonly Return[]> {
  yield returns;
}

/** So many opt-outs, of reader.0@example.fr and following, in batches of a thousand. */
export async function* manyReturns(count: number): AsyncGenerator<readonly Return[]> {
  for (let from = 0; from < count; from += 1000) {
    const length = Math.min(1000, count - from);
    yield Array.from({ length }, (_, index) => returnOf({ address: `reader.${from + index}@example.fr` }));
  }
}
