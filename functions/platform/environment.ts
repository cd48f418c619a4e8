import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import { ConfigurationError } from "../domain/errors.ts";
import { tellKnownFields } from "./describe-issue.ts";

/** The file beside the bundle that holds the function's share of the configuration, as JSON. */
export const configurationFile = "configuration.json";

/** The variable that names the secret with the history's key. */
export const historySecretVariable = "HISTORY_SECRET";

/** @throws ConfigurationError naming the first field that does not match the schema */
export async function readConfiguration<Schema extends z.ZodType>(schema: Schema): Promise<z.infer<Schema>> {
  const text = await readFile(join(requireVariable("LAMBDA_TASK_ROOT"), configurationFile), "utf8");
  const parsed = schema.safeParse(parseJson(text), tellKnownFields);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new ConfigurationError(path.length === 0 ? configurationFile : path.join("."), message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the text.
    throw new ConfigurationError(configurationFile, "expected JSON");
  }
}

/** @throws ConfigurationError when the variable is missing or empty */
export function requireVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new ConfigurationError(name, "this environment variable is missing");
  }
  return value;
}
