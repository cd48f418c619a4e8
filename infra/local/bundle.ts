import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundlingOptions } from "../bundling.ts";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
const functionsRoot = join(projectRoot, "functions");

/** Where everything local is kept: bundles and the objects of the embedded S3. Not under version control. */
export const localRoot = join(projectRoot, ".local");

/** The pages of the runs that `npm start` shows; those of the user's own runs stand elsewhere. */
export const demonstrationPages = join(localRoot, "demonstration");

/** The functions that can be invoked: the folders of `functions/` that have a `handler.ts`. */
export function functionNames(): string[] {
  return readdirSync(functionsRoot).filter((name) => existsSync(join(functionsRoot, name, "handler.ts")));
}

/**
 * Bundles a function's handler as CDK's NodejsFunction does. Callers may share a folder: each file is replaced
 * atomically.
 *
 * @returns the path of `index.mjs`; its source map stands beside it
 */
export async function bundleFunction(
  name: string,
  {
    entry = join(functionsRoot, name, "handler.ts"),
    outDir = join(localRoot, "functions", name),
  }: { readonly entry?: string; readonly outDir?: string } = {},
): Promise<string> {
  const { banner, sourceMap, externalModules, bundleAwsSDK: _, ...shared } = bundlingOptions;
  const outfile = join(outDir, "index.mjs");
  const { outputFiles } = await build({
    ...shared,
    sourcemap: sourceMap,
    external: externalModules,
    banner: { js: banner },
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    logLevel: "silent",
    write: false,
  });
  await mkdir(outDir, { recursive: true });
  for (const { path, contents } of outputFiles) {
    const draft = `${path}.${randomUUID()}`;
    await writeFile(draft, contents);
    await rename(draft, path);
  }
  return outfile;
}
