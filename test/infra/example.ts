import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Configuration, parseConfiguration } from "../../infra/config.ts";

/** cdk.json's context: CDK's flags and the example configuration. */
export const context = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")).context;

/** A folder for an app's output. Its path has a quote and spaces on purpose. */
export function createOutdir(): string {
  return mkdtempSync(join(tmpdir(), "publisher's newsletter sync-"));
}

/** The example configuration with some fields changed. */
export function exampleWith(changes: object): Configuration {
  return parseConfiguration({ ...context.newsletter, ...changes });
}
