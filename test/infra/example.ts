import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Configuration, parseConfiguration } from "../../infra/config.ts";

const readJson = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"));

// The account is one that nobody has, so that the example cannot be deployed as it stands.
const { $schema: _, account: __, region: ___, ...newsletter } = readJson("infra/newsletter.example.json");

/** CDK's flags and the example configuration. */
export const context = { ...readJson("cdk.json").context, newsletter };

/** A folder for an app's output. Its path has a quote and spaces on purpose. */
export function createOutdir(): string {
  return mkdtempSync(join(tmpdir(), "publisher's newsletter sync-"));
}

/** The example configuration with some fields changed. */
export function exampleWith(changes: object): Configuration {
  return parseConfiguration({ ...context.newsletter, ...changes });
}
