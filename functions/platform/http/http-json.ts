import type * as z from "zod";
import { HttpFault, WrongShapeFault } from "./http-fault.ts";
import { readBytes } from "./read-bytes.ts";
import type { HttpResponse } from "./send-request.ts";

const shownIssues = 3;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a JSON body and validates it. @throws HttpFault for any other body: but for an oversize one, it is retried */
export async function readJson<T>({ body }: HttpResponse, schema: z.ZodType<T>): Promise<T> {
  return expectShape(schema, parseJson(await readBytes(body)));
}

/** A reviver of JSON.parse; for a primitive, `source` is the text that it was parsed from. */
export type Reviver = (name: string, value: unknown, context: { source?: string }) => unknown;

// TypeScript's library does not know the reviver's third argument yet.
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;

/** @throws HttpFault without a cause, as the parser's message quotes the body */
export function parseJson(bytes: Uint8Array, reviver?: Reviver): unknown {
  try {
    return parse(utf8.decode(bytes), reviver);
  } catch {
    throw new HttpFault("a body that is not JSON");
  }
}

/** @throws WrongShapeFault naming the fields, without values */
export function expectShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data as T;
  const fields = error.issues.slice(0, shownIssues).map(({ path, message }) => `${nameOf(path)}: ${message}`);
  if (error.issues.length > shownIssues) fields.push(`and ${error.issues.length - shownIssues} more`);
  throw new WrongShapeFault(fields.join("; "));
}

/** A key that is not a plain word may be a value, as in an object keyed by address. */
function nameOf(path: readonly PropertyKey[]): string {
  const names = path.map((key) => (/^\w+$/.test(String(key)) ? String(key) : "?"));
  return names.length === 0 ? "the body" : names.join(".");
}
