import { existsSync } from "node:fs";
import * as z from "zod";
import { readJsonFile } from "./json-file.ts";

const cdkSchema = z.object({ context: z.object({ newsletter: z.unknown() }) });

/**
 * Reads a file that holds a configuration, by itself or as the context "newsletter" of a cdk.json.
 *
 * @throws FileError
 */
export function readConfigurationFile(option: string, path: string): unknown {
  const json = readJsonFile(option, path);
  const cdk = cdkSchema.safeParse(json);
  return cdk.success ? cdk.data.context.newsletter : json;
}

/**
 * The configuration that is to be deployed: of the file that `-c config=FILE` names, or the variable NEWSLETTER_CONFIG,
 * or else the context "newsletter", or else of the usual file; undefined if there is none.
 *
 * @throws FileError
 */
export function findConfiguration(
  contextOf: (name: string) => unknown,
  { NEWSLETTER_CONFIG: variable }: Readonly<Record<string, string | undefined>>,
  usual = "newsletter.json",
): unknown {
  const option = contextOf("config");
  if (option !== undefined) return readConfigurationFile("-c config", String(option));
  if (variable) return readConfigurationFile("NEWSLETTER_CONFIG", variable);
  const context = contextOf("newsletter");
  if (context !== undefined || !existsSync(usual)) return context;
  return readConfigurationFile("the configuration", usual);
}
