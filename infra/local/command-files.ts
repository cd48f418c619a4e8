import * as z from "zod";
import { type Configuration, parseConfiguration } from "../config.ts";
import { readConfigurationFile } from "../config-file.ts";
import { FileError, readJsonFile } from "../json-file.ts";

/** Reads a configuration by itself, or the one in a cdk.json. */
export function readConfiguration(path: string): Configuration {
  const json = readConfigurationFile("--config", path);
  try {
    return parseConfiguration(json);
  } catch (error) {
    throw new FileError("--config", path, (error as Error).message);
  }
}

export function readSecrets(path: string): Record<string, unknown> {
  const secrets = z.record(z.string(), z.unknown()).safeParse(readJsonFile("--secrets", path));
  // A single secret's value, without its name, is an object too.
  if (secrets.success && !("apiKey" in secrets.data || "password" in secrets.data)) return secrets.data;
  const expected = 'expected a JSON object of secrets by name: {"newsletter-sync/ownpage": {…}, …}';
  throw new FileError("--secrets", path, expected);
}
