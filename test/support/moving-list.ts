import type { InMemoryProvider } from "./in-memory-provider.ts";

/** In the first readings, the first page arrives last; meanwhile readers change the list. */
export function delayFirstPage(
  provider: InMemoryProvider,
  readings: number,
  change: (reading: number) => void,
): void {
  const readPages = provider.readPages.bind(provider);
  let reading = 0;
  provider.readPages = async function* (options) {
    const isDelayed = ++reading <= readings;
    let isFirst = true;
    for await (const page of readPages(options)) {
      if (!(isFirst && isDelayed)) yield page;
      isFirst = false;
    }
    if (!isDelayed) return;
    change(reading);
    for await (const page of readPages(options)) {
      yield page;
      return;
    }
  };
}

/** A reader who joins now is listed before all others, who move up. */
export function joinInFront(provider: InMemoryProvider, email: string): void {
  const joined = { subscribed: true, fields: {}, subscribedAt: provider.now + 1 };
  const rows = [[email, joined] as const, ...provider.subscribers];
  provider.subscribers.clear();
  for (const [email, row] of rows) provider.subscribers.set(email, row);
}
