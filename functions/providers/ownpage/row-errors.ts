import * as z from "zod";
import { canonicalEmail } from "../../domain/email.ts";
import type { RefusedLine } from "../../domain/provider-errors.ts";

const longestReason = 500;
const longestAddress = 320;

const number = z
  .union([z.int(), z.string().regex(/^L?\d+$/)])
  .transform((place) => Number(String(place).replace("L", "")))
  .optional()
  .catch(undefined);
const text = z.string().optional().catch(undefined);

/** What an error of one row may say of it, as far as it is an object. Lines and rows count from 1, an index from 0. */
const rowErrorSchema = z.object({
  email: text,
  line: number,
  row: number,
  position: number,
  index: number,
  message: text,
  cause: text,
  error: text,
  reason: text,
});

/** What an error says, in the provider's own words. */
export function wordsOf(error: unknown): string {
  if (typeof error === "string") return error;
  const { message, cause, error: words, reason } = rowErrorSchema.safeParse(error).data ?? {};
  return message ?? cause ?? words ?? reason ?? "an error without words";
}

/**
 * Creates a reader of errors, which are texts or objects: their shape is not documented. It returns the rows that an
 * error names, by line as in `2 error(s): L1: email is missing, L7: ...`, or else by address; none if it names none.
 */
export function createErrorReader(rows: readonly { email: string }[]): (error: unknown) => RefusedLine[] {
  const rowsByEmail = createIndex(rows);
  const isRow = ({ position }: RefusedLine) => position >= 0 && position < rows.length;

  function readText(words: string): RefusedLine[] {
    const lines = namedLines(words);
    return lines.length > 0
      ? lines
      : rowsByEmail(addressesIn(words)).map((position) => ({ position, reason: words }));
  }

  function readObject(error: unknown): RefusedLine[] {
    const { data } = rowErrorSchema.safeParse(error);
    if (data === undefined) return [];
    const words = wordsOf(error);
    const [byEmail] = data.email === undefined ? [] : rowsByEmail([data.email]);
    const line = data.line ?? data.row ?? data.position;
    const position = byEmail ?? (line === undefined ? data.index : line - 1);
    return position === undefined ? readText(words) : [{ position, reason: words }];
  }

  return (error) => {
    const lines = typeof error === "string" ? readText(error) : readObject(error);
    return lines
      .filter(isRow)
      .map(({ position, reason }) => ({ position, reason: reason.slice(0, longestReason) }));
  };
}

/** The lines that a text names, whatever separates them. */
function namedLines(words: string): RefusedLine[] {
  const listed = words.replace(/^\s*\d+ error\(s\):\s*/, "");
  // Looks back from a line to its separator: the other way round, a megabyte of line breaks would take minutes.
  return listed.split(/(?=L\d+\s*:)(?<=[,;\n]\s*)/).flatMap((part) => {
    const [, line, why] = /^\s*L(\d+)\s*:\s*(.*)$/s.exec(part) ?? [];
    return line === undefined
      ? []
      : [{ position: Number(line) - 1, reason: why!.trim().replace(/[,;]$/, "") }];
  });
}

function addressesIn(words: string): string[] {
  const parts = words.match(/[^\s"<>(),;:[\]{}]+/g) ?? [];
  return parts
    .filter((part) => part.includes("@") && part.length <= longestAddress)
    .flatMap((part) => [part, part.replace(/^['`]+|['`.]+$/g, "")]);
}

/** Finds rows by their address, in any spelling if none is spelled so. Indexed only when an error has to be read. */
function createIndex(rows: readonly { email: string }[]): (emails: readonly string[]) => number[] {
  let positions: Map<string, number> | undefined;
  return (emails) => {
    if (emails.length === 0) return [];
    positions ??= new Map([
      ...rows.map(({ email }, position) => [canonicalEmail(email), position] as const),
      ...rows.map(({ email }, position) => [email, position] as const),
    ]);
    const found = emails.map((email) => positions!.get(email) ?? positions!.get(canonicalEmail(email)));
    return [...new Set(found.filter((position) => position !== undefined))];
  };
}
