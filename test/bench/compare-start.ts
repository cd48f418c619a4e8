import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { functionEnvironment } from "../../infra/function-environment.ts";
import { bundleFunction, functionNames } from "../../infra/local/bundle.ts";
import { startFunction } from "../../infra/local/lambda-runtime.ts";
import { type Column, type Figures, milliseconds, type Prepare, peakMb } from "./comparison.ts";

interface Bundle {
  readonly name: string;
  readonly path: string;
  readonly kB: number;
  readonly gzippedKb: number;
}

const emptyHandler = "empty handler";

/** The time from the start of each function's process to its first answer, and that of an empty handler. */
export const prepareStart: Prepare = async ({ folder }) => {
  const names = functionNames();
  const empty = fileURLToPath(new URL("empty-handler.ts", import.meta.url));
  const bundles = [
    ...(await Promise.all(names.map((name) => bundle(name, { outDir: join(folder, name) })))),
    await bundle(emptyHandler, { outDir: join(folder, "empty"), entry: empty }),
  ];
  return {
    headline: "start: from the start of the process to the first answer",
    rounds: 10,
    contenders: Object.fromEntries(bundles.map((bundle) => [bundle.name, () => start(bundle)])),
    columns: [milliseconds, peakMb, sizeColumn("bundle kB", "kB"), sizeColumn("gzipped kB", "gzippedKb")],
    ratios: names.map((name) => [name, emptyHandler] as const),
    stop: async () => {},
  };

  function sizeColumn(heading: string, size: "kB" | "gzippedKb"): Column {
    const sizes = new Map(bundles.map((bundle) => [bundle.name, bundle[size]]));
    return { heading, show: (_, name) => sizes.get(name)!.toFixed(0) };
  }
};

async function bundle(
  name: string,
  place: { readonly outDir: string; readonly entry?: string },
): Promise<Bundle> {
  const path = await bundleFunction(name, place);
  const code = readFileSync(path);
  return { name, path, kB: code.length / 1000, gzippedKb: gzipSync(code).length / 1000 };
}

async function start({ name, path }: Bundle): Promise<Figures> {
  const fn = await startFunction({
    name,
    bundle: path,
    environment: { ...functionEnvironment, AWS_REGION: "eu-west-3" },
    timeoutMs: 60_000,
    memoryMb: 512,
    onLine: () => undefined,
  });
  try {
    const startedAt = performance.now();
    const result = await fn.invoke({ list: "?" });
    const ms = performance.now() - startedAt;
    const answer = result.ok ? "an answer" : result.error.errorType;
    const expected = name === emptyHandler ? "an answer" : "InvalidEventError";
    if (answer !== expected) throw new Error(`${name} gave ${answer}, not ${expected}`);
    return { ms, peakMb: fn.peakMemoryMb };
  } finally {
    await fn.stop();
  }
}
