import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { functionConfiguration } from "../../infra/config.ts";
import { context, createOutdir, exampleWith } from "./example.ts";

const app = fileURLToPath(new URL("../../infra/app.ts", import.meta.url));

/** Runs the app as the CDK does. @returns the folder that it wrote */
async function runApp(newsletter: unknown): Promise<string> {
  const outdir = createOutdir();
  const CDK_CONTEXT_JSON = JSON.stringify({ ...context, newsletter });
  await promisify(execFile)(process.execPath, [app], {
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON },
  });
  return outdir;
}

test("the example synthesises to both stacks and a bundle that has its configuration beside it", async () => {
  const outdir = await runApp(context.newsletter);
  const files = readdirSync(outdir);
  expect(files).toContain("NewsletterStorage.template.json");
  expect(files).toContain("NewsletterSync.template.json");
  const bundle = join(outdir, files.find((file) => file.startsWith("asset."))!);
  expect(readdirSync(bundle).toSorted()).toEqual(["configuration.json", "index.mjs", "index.mjs.map"]);
  expect(JSON.parse(readFileSync(join(bundle, "configuration.json"), "utf8"))).toEqual(
    functionConfiguration(exampleWith({}), "sync-subscribers"),
  );
});

test("a wrong field fails the synthesis and is named", async () => {
  await expect(runApp({ ...context.newsletter, timeZone: "Paris" })).rejects.toThrow(
    "timeZone: expected a time zone's name, such as Europe/Paris",
  );
});
