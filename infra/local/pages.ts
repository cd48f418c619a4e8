import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { indexPageKey } from "../../functions/platform/storage/page-keys.ts";
import { regionOf } from "./aws-region.ts";
import { demonstrationPages, localRoot } from "./bundle.ts";
import { withExchange } from "./exchange.ts";
import { realAws, startLocalAws, type Variables } from "./local-aws.ts";
import { drawMissing, indexIn, savePages } from "./local-pages.ts";
import { openBrowser } from "./open-browser.ts";

const usage = `npm run pages -- [--aws]
Opens the pages of the runs that "npm run invoke" made on this machine, or of the demonstration if there are none; where
there is no browser, it names their file.
  --aws    those of AWS, with your own credentials: the index and all that it leads to is downloaded, with the addresses in
           the pages of plans. EXCHANGE_BUCKET names the bucket
  --help   show this`;

try {
  const { values } = parseArgs({
    options: { aws: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) say(usage);
  else await openPages(values.aws, process.env);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function openPages(isRealAws: boolean, variables: Variables): Promise<void> {
  const folder = join(localRoot, isRealAws ? "pages-of-aws" : "pages");
  const aws = isRealAws
    ? await awsOf(variables)
    : await startLocalAws({ variables, secrets: {}, directory: localRoot });
  try {
    await withExchange(aws.environment, async (exchange) => {
      if (!isRealAws) await drawMissing(exchange);
      // What has expired there expires here.
      rmSync(folder, { recursive: true, force: true });
      await savePages(exchange.store, [indexPageKey], folder);
    });
  } finally {
    await aws.stop();
  }
  const folders = isRealAws ? [folder] : [folder, demonstrationPages];
  const index = indexIn(folders);
  if (index === undefined) return say(noneYet(isRealAws));
  say(index);
  if (process.stdout.isTTY) openBrowser(pathToFileURL(index).href);
}

function noneYet(isRealAws: boolean): string {
  const how = isRealAws
    ? 'send {"rebuild":true} to show-runs if runs have stored reports'
    : '"npm start" makes some';
  return `there is no page yet: ${how}`;
}

async function awsOf(variables: Variables) {
  if (!variables["EXCHANGE_BUCKET"]) throw new Error(`EXCHANGE_BUCKET is not set\n\n${usage}`);
  return realAws({ ...variables, AWS_REGION: await regionOf(variables) });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
