import { buffer } from "node:stream/consumers";
import type * as z from "zod";
import type { HttpAnswer } from "./http-answer.ts";
import { HttpFault, WrongShapeFault } from "./http-fault.ts";

const shownIssues = 3;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a JSON body of the schema's shape. @throws HttpFault, so that any other body is asked for again */
export async function readJson<T>({ body }: HttpAnswer, schema: z.ZodType<T>): Promise<T> {
  return expectShape(schema, parseJson(await buffer(body)));
}

/** What JSON.parse calls for each value, with the text that the value was parsed from when it is a primitive. */
export type Reviver = (name: string, value: unknown, context: { source?: string }) => unknown;

// TypeScript's library does not know the reviver's third argument yet.
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;

/** @throws HttpFault without a cause, for the parser's message quotes the body */
export function parseJson(bytes: Uint8Array, reviver?: Reviver): unknown {
  try {
    return parse(utf8.decode(bytes), reviver);
  } catch {
    throw new HttpFault("a body that is not JSON");
  }
}

/** @throws WrongShapeFault that names the fields and shows no value */
export function expectShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data as T;
  const fields = error.issues.slice(0, shownIssues).map(({ path, message }) => `${nameOf(path)}: ${message}`);
  if (error.issues.length > shownIssues) fields.push(`and ${error.issues.length - shownIssues} more`);
  throw new WrongShapeFault(fields.join("; "));
}

/** A key that is not a name may be a value, as in an object keyed by address. */
function nameOf(path: readonly PropertyKey[]): string {
  const names = path.map((key) => (/^\w+$/.test(String(key)) ? String(key) : "?"));
  return names.length === 0 ? "the body" : names.join(".");
}
