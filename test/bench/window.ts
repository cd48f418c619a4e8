import type { Change } from "../../functions/domain/plan.ts";
import { toldCauses } from "../../functions/domain/subscriber.ts";
import { createOwnpageProvider } from "../../functions/providers/ownpage/ownpage-provider.ts";
import { type Sandbox, startSandbox } from "../../infra/sandbox/ownpage/start-sandbox.ts";
import type { Subscriber } from "../../infra/sandbox/ownpage/subscriber.ts";
import { printTable } from "./comparison.ts";

const listId = 123;
const delayMs = 100;
/** The list is small, as a sandbox searches the whole of it; beyond twenty, pages are read. */
const searched = { size: 10_000, batches: [1, 4, 20] };
const read = [100, 1_000];

/**
 * Measures the one window in which a reader's opt-out can be missed: from the first look at the readers to be
 * resubscribed to the write. One in ten of the list is unsubscribed.
 */
export async function measureWindow({ size }: { size: number }): Promise<void> {
  console.log(
    `\nwindow: from the first look at the readers to be resubscribed to the write, ${delayMs} ms a request`,
  );
  const rows = [...(await measure(searched.size, searched.batches)), ...(await measure(size, read))];
  printTable(["resubscriptions in a batch", "subscribers", "ms"], rows);
}

async function measure(size: number, batches: readonly number[]): Promise<string[][]> {
  await using sandbox = await startSandbox({ delayMs, lists: [{ id: listId, synthetic: size }] });
  const left = [...sandbox.list(listId).values()].filter(({ subscribed }) => !subscribed);
  const rows: string[][] = [];
  for (const count of batches) {
    const ms = await windowOf(sandbox, left.splice(0, count).map(resubscription));
    rows.push([count, size, Math.round(ms)].map((number) => number.toLocaleString("en-US")));
  }
  return rows;
}

async function windowOf(sandbox: Sandbox, batch: readonly Change[]): Promise<number> {
  let firstLookAt: number | undefined;
  let writtenAt = 0;
  const stop = sandbox.onRequest(({ method, path }) => {
    if (!path.endsWith("/subscribers")) return;
    firstLookAt ??= performance.now();
    if (method === "POST") writtenAt = performance.now();
  });
  const provider = createOwnpageProvider({
    configuration: {
      kind: "ownpage",
      baseUrl: sandbox.url,
      secret: "newsletter-sync/ownpage",
      concurrency: 4,
    },
    listId,
    timeZone: "Europe/Paris",
    readSecret: async () => sandbox.credentials,
  });
  const { signal } = new AbortController();
  const { stale } = await provider.writeBatch(batch, { since: Date.now(), held: 0, signal });
  stop();
  if (stale.length > 0) throw new Error(`${stale.length} of ${batch.length} were not resubscribed`);
  return writtenAt - firstLookAt!;
}

function resubscription({ email, unsubscribed_at = "", unsubscribed_cause }: Subscriber): Change {
  const cause = toldCauses.find((cause) => cause === unsubscribed_cause) ?? "UNKNOWN";
  const unsubscribedAt = new Date(unsubscribed_at).toISOString();
  return {
    kind: "resubscribe",
    email,
    fields: {},
    saw: { subscribed: false, cause, unsubscribedAt, fields: {} },
    reason: "measured",
  };
}
