import * as z from "zod";
import type { Call } from "./call.ts";

const isPattern = (source: string): boolean => {
  try {
    return Boolean(new RegExp(source));
  } catch {
    return false;
  }
};

const pattern = z.union([z.instanceof(RegExp), z.string().refine(isPattern, "not a regular expression")]);

const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(200).max(599),
    /** Seconds or an HTTP date. */
    retryAfter: z.union([z.string(), z.number()]).optional(),
    body: z.unknown().optional(),
    /** A page of a proxy's, in place of a body in JSON. */
    html: z.string().optional(),
  }),
  /** The connection is reset before the request is handled. */
  z.strictObject({ kind: z.literal("reset") }),
  /** The request is applied, and its answer is lost. */
  z.strictObject({ kind: z.literal("lost") }),
  /** Nothing is answered until the sandbox stops. */
  z.strictObject({ kind: z.literal("hang") }),
  /** The request is applied, and half of its answer arrives. */
  z.strictObject({ kind: z.literal("cut") }),
  /** A proxy's HTML page with status 200; nothing is applied. */
  z.strictObject({ kind: z.literal("garbage") }),
  /** An undocumented object with status 200; nothing is applied. */
  z.strictObject({ kind: z.literal("wrongShape") }),
  /** The provider's answer, or one with this status, in which every text is an address and a link with a token. */
  z.strictObject({
    kind: z.literal("leaky"),
    status: z.int().min(200).max(599).optional(),
    retryAfter: z.number().optional(),
    /** Fields that stay as they are. @default none */
    spared: z.array(z.string()).optional(),
  }),
  /** The page starts one row early, as when one was inserted: it repeats the previous page's last row. */
  z.strictObject({ kind: z.literal("repeatRows") }),
  /** The page starts one row late, as when one was deleted: a row is left out. */
  z.strictObject({ kind: z.literal("skipRows") }),
]);

export const faultRuleSchema = z.strictObject({
  match: z.strictObject({
    method: z.string().optional(),
    /** A pattern to be found in the path below the API's base path. */
    path: pattern.optional(),
    /** Parameters that the query must have. */
    query: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    /** A pattern to be found in the JSON of one of the rows that are sent. */
    row: pattern.optional(),
    /** More rows than this are sent. */
    rowsAbove: z.int().nonnegative().optional(),
  }),
  /** How many matches to let through first. @default 0 */
  after: z.int().nonnegative().optional(),
  /** How many matches to hit after those. @default all */
  times: z.int().positive().optional(),
  fault: faultSchema,
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultRule = z.infer<typeof faultRuleSchema>;

/** The faults to inject. Rules stay plain data: how often each one matched is counted here. */
export class Faults {
  readonly rules: FaultRule[] = [];
  readonly #matches = new WeakMap<FaultRule, number>();

  /**
   * Counts the call in every rule that it matches.
   *
   * @param rows those that the call sends
   * @returns the fault of the first rule that is due
   */
  next(call: Call, rows: readonly unknown[]): Fault | undefined {
    const due = this.rules.filter((rule) => matches(rule, call, rows)).filter((rule) => this.#isDue(rule));
    return due[0]?.fault;
  }

  #isDue(rule: FaultRule): boolean {
    const count = (this.#matches.get(rule) ?? 0) + 1;
    this.#matches.set(rule, count);
    const { after = 0, times = Number.POSITIVE_INFINITY } = rule;
    return count > after && count <= after + times;
  }
}

function matches({ match }: FaultRule, call: Call, rows: readonly unknown[]): boolean {
  const { method, path, query = {}, row, rowsAbove = -1 } = match;
  return (
    rows.length > rowsAbove &&
    (row === undefined || rows.some((sent) => new RegExp(row).test(JSON.stringify(sent)))) &&
    (method === undefined || method.toUpperCase() === call.method) &&
    (path === undefined || new RegExp(path).test(call.path)) &&
    Object.entries(query).every(([name, value]) => call.query[name] === String(value))
  );
}
