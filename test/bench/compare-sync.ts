import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SyncReport } from "../../functions/sync-subscribers/report.ts";
import { functionConfiguration, parseConfiguration } from "../../infra/config.ts";
import { invokeLocally } from "../../infra/local/invoke-locally.ts";
import { type LocalAws, startLocalAws } from "../../infra/local/local-aws.ts";
import { type Figures, type Prepare, peakMb, seconds } from "./comparison.ts";
import { runScript, startServer } from "./processes.ts";
import { writeSource } from "./write-source.ts";

/** The sync, the guide's algorithm and the floor, on the same list, of which 2 % are to be changed. */
export const prepareSync: Prepare = async ({ size, folder }) => {
  const sourceFile = join(folder, "source.csv");
  await writeSource(sourceFile, size);
  const aws = await startLocalAws({
    variables: {},
    secrets: { "newsletter-sync/ownpage": { client: "demo", apiKey: "demo-key" } },
  });
  const withSandboxOf = (contender: (url: string) => Promise<Figures>) => () => withSandbox(size, contender);
  return {
    headline: `sync: ${size.toLocaleString("en-US")} subscribers, 2 % changed, 100 ms a request`,
    contenders: {
      "the floor": withSandboxOf((url) => runScript("floor.ts", [url, String(size)])),
      "newsletter-sync": withSandboxOf((url) => runSync({ url, sourceFile, aws, size })),
      "the guide": withSandboxOf((url) => runScript("guide.ts", [url, sourceFile])),
    },
    columns: [seconds, peakMb],
    ratios: [
      ["newsletter-sync", "the floor"],
      ["the guide", "newsletter-sync"],
    ],
    stop: aws.stop,
  };
};

interface SyncRun {
  readonly url: string;
  readonly sourceFile: string;
  readonly aws: LocalAws;
  readonly size: number;
}

async function runSync({ url, sourceFile, aws, size }: SyncRun): Promise<Figures> {
  const configuration = parseConfiguration({
    provider: { kind: "ownpage", baseUrl: url, secret: "newsletter-sync/ownpage" },
    lists: { daily: { id: 123, source: { kind: "csv", uri: pathToFileURL(sourceFile).href } } },
  });
  const { result, peakMemoryMb } = await invokeLocally({
    functionName: "sync-subscribers",
    configuration: functionConfiguration(configuration, "sync-subscribers"),
    environment: aws.environment,
    memoryMb: 512,
    event: { list: "daily", mode: "apply" },
    onLine: () => undefined,
  });
  if (!result.ok) throw new Error(result.error.errorMessage);
  const { applied, discrepancies, notes, ms } = result.payload as SyncReport;
  if (applied.accepted !== size / 50 || discrepancies.length + notes.length > 0) {
    throw new Error(`the sync did not do its work: ${JSON.stringify(result.payload)}`);
  }
  return { ms, peakMb: peakMemoryMb };
}

/** A fresh list for each, its pages serialised beforehand so that serving them costs next to nothing. */
async function withSandbox(size: number, contender: (url: string) => Promise<Figures>): Promise<Figures> {
  const options = ["--port", "0", "--delay", "100", "--subscribers", String(size)];
  const sandbox = await startServer("../../infra/local/sandbox/main.ts", options);
  try {
    await runScript("floor.ts", [sandbox.url, String(size)]);
    return await contender(sandbox.url);
  } finally {
    await sandbox.stop();
  }
}
