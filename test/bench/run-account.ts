import { pathToFileURL } from "node:url";
import { listSchema } from "../../functions/configuration.ts";
import { setHeapGrowth } from "../../functions/platform/heap-growth.ts";
import { openProvider } from "../../functions/providers/open-provider.ts";
import { readSourceInThread } from "../../functions/sources/source-thread.ts";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { syncSubscribers } from "../../functions/sync-subscribers/sync-subscribers.ts";
import { dailyList } from "../../infra/sandbox/constant-contact/sandbox-options.ts";
import { testRun } from "../support/test-run.ts";
import { FolderStore } from "./folder-store.ts";
import { SkippingClock } from "./skipping-clock.ts";

/** The sync with Constant Contact, whose paces are skipped and counted. What it keeps is in a folder. */

setHeapGrowth();
const [url = "", file = "", folder = "", changes = "0"] = process.argv.slice(2);
const secret = { clientId: "demo", clientSecret: "demo-secret", refreshToken: "demo-refresh-token" };
const configuration = {
  kind: "constant-contact",
  baseUrl: url,
  tokenUrl: new URL("/oauth2/default/v1/token", url).href,
  secret: "newsletter-sync/constant-contact",
} as const;
const list = listSchema.parse({ id: dailyList, source: { kind: "csv", uri: pathToFileURL(file).href } });
const clock = new SkippingClock();
const store = new FolderStore(folder);
const readSecret = async () => secret;
const access = { readSecret, writeSecret: async () => undefined, store, timeZone: "Europe/Paris" };
const startedAt = clock.now();
/** There is no end to a run here. */
const hoursLater = new Date(startedAt + 12 * 3_600_000);
const run = {
  ...testRun<SyncReport>({ at: startedAt }),
  deadline: hoursLater,
  stopsAt: hoursLater,
  now: () => new Date(clock.now()),
};

await syncSubscribers(
  { list: "daily", mode: "apply" },
  {
    lists: { daily: list },
    store,
    clock,
    providerOf: ({ name, configuration: { id } }, told) =>
      openProvider(configuration, { name, id }, { ...access, ...told, clock }),
    openSource: ({ source }, signal) =>
      readSourceInThread({ configuration: source, timeZone: "Europe/Paris", readSecret, signal }),
    openSink: () => undefined,
  },
  run,
);
const ms = clock.now() - startedAt;
const { applied, requests, discrepancies } = run.report as SyncReport;
if (applied.accepted !== Number(changes) || discrepancies.length > 0) {
  throw new Error(`the sync did not do its work: ${JSON.stringify(run.report)}`);
}
const peakMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ ms, peakMb, requests: requests.sent }));
