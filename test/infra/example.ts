import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Configuration, parseConfiguration } from "../../infra/config.ts";

/** cdk.json's context: CDK's flags and the example configuration. */
export const context = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")).context;

const folder = mkdtempSync(join(tmpdir(), "publisher's newsletter sync-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder for an app's output, removed after the file's tests. Its path has a quote and spaces on purpose. */
export function createOutdir(): string {
  return mkdtempSync(join(folder, "cdk.out-"));
}

/** The example configuration with some fields changed. */
export function exampleWith(changes: object): Configuration {
  return parseConfiguration({ ...context.newsletter, ...changes });
}
