import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FunctionName } from "../../infra/config.ts";
import { context, createOutdir } from "./example.ts";
import { type Grant, grantsOf, substitute } from "./policy.ts";
import { propertiesOf, type ReadableTemplate, render } from "./template.ts";

const app = fileURLToPath(new URL("../../infra/app.ts", import.meta.url));

/** What the app has written: everything that would be deployed. */
export interface Deployment {
  readonly outdir: string;
  template(stack: string): ReadableTemplate;
}

/**
 * Runs the app as CDK does, but without CDK's own validation, which takes a second. Rejects with the app's output if it
 * fails.
 *
 * @param options.bundles false if the code is not needed
 */
export async function runApp(newsletter: unknown, { bundles = true } = {}): Promise<Deployment> {
  const outdir = createOutdir();
  const stacks = bundles ? {} : { "aws:cdk:bundling-stacks": [] };
  const CDK_CONTEXT_JSON = JSON.stringify({ ...context, ...stacks, newsletter });
  await promisify(execFile)(process.execPath, [app], {
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON, CDK_VALIDATION: "false" },
  });
  const template = (stack: string) => ({
    toJSON: () => JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), "utf8")),
  });
  return { outdir, template };
}

/** A function as deployed by its template. */
export interface DeployedFunction {
  readonly name: FunctionName;
  /** The path of its `index.mjs`. */
  readonly bundle: string;
  readonly environment: Record<string, string>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly grants: Grant[];
}

/** @param values what is only known at deployment, by name */
export function functionIn(
  { outdir, template }: Deployment,
  stack: string,
  values: Readonly<Record<string, string>>,
): DeployedFunction {
  const [{ Code, Environment, Timeout, MemorySize }] = propertiesOf("AWS::Lambda::Function", template(stack));
  const environment = Object.entries(Environment.Variables as Record<string, unknown>).map(
    ([variable, value]): [string, string] => [variable, substitute(render(value), values)],
  );
  return {
    name: Environment.Variables.POWERTOOLS_SERVICE_NAME,
    bundle: join(outdir, `asset.${Code.S3Key.replace(".zip", "")}`, "index.mjs"),
    environment: Object.fromEntries(environment),
    timeoutMs: Timeout * 1000,
    memoryMb: MemorySize,
    grants: grantsOf(template(stack), values),
  };
}
