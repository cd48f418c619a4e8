import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Configuration, parseConfiguration } from "../../infra/config.ts";

/** cdk.json's context: CDK's flags, and the example of a configuration. */
export const context = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")).context;

const folder = mkdtempSync(join(tmpdir(), "publisher's newsletter sync-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder for what an app writes, gone when the file's tests are done; its path is an awkward one. */
export function createOutdir(): string {
  return mkdtempSync(join(folder, "cdk.out-"));
}

/** The example's configuration, in which these fields are other ones. */
export function exampleWith(changes: object): Configuration {
  return parseConfiguration({ ...context.newsletter, ...changes });
}
