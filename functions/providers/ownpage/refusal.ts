import * as z from "zod";
import { BatchRefusedError, ProviderRefusalError, type RefusedLine } from "../../domain/errors.ts";

/** The two documented shapes of an error: `{"status":"…","message":"…"}` and `{"status":400,"cause":"…"}`. */
const refusalSchema = z.union([
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ cause: z.string() }).transform(({ cause }) => cause),
]);

const batchStatuses: readonly number[] = [400, 413, 422];
const longestReason = 500;

/** The error of a refused call, with a hint for the operator. It holds none of the provider's words. */
export function refusalOf(endpoint: string, status: number): ProviderRefusalError {
  return new ProviderRefusalError(endpoint, status, hintFor(endpoint, status));
}

/**
 * The error of a refused write. One bad row fails the whole request. At least in the first of the two shapes,
 * `L3: …` names its third row.
 *
 * @param answer.placeOf where a sent row stands in the caller's batch, both from 0; -1 if nowhere
 */
export function writeRefusalOf(
  endpoint: string,
  status: number,
  { body, placeOf }: { body: string; placeOf(position: number): number },
): BatchRefusedError | ProviderRefusalError {
  if (!batchStatuses.includes(status)) return refusalOf(endpoint, status);
  const reason = reasonOf(body);
  const lines = namedLines(reason)
    .map((line) => ({ ...line, position: placeOf(line.position) }))
    .filter(({ position }) => position >= 0);
  return new BatchRefusedError(endpoint, status, { lines, reason: reason.slice(0, longestReason) });
}

function hintFor(endpoint: string, status: number): string {
  if (status < 400) return "it is a redirect, which is not followed; is the provider's baseUrl right?";
  if (status === 402 || status === 403) return "does the account include this call?";
  if (status === 404 && endpoint.includes("{list}")) return "does the list id exist?";
  if (status === 404) return "is the provider's baseUrl right?";
  return "the request is not what the provider expects";
}

function reasonOf(body: string): string {
  try {
    return refusalSchema.parse(JSON.parse(body));
  } catch {
    return body;
  }
}

/** The lines that `2 error(s): L1: email is missing, L7: …` names, whatever separates them. */
function namedLines(reason: string): RefusedLine[] {
  const listed = reason.replace(/^\s*\d+ error\(s\):\s*/, "");
  // Looks back from a line to its separator: the other way round, a megabyte of line breaks would take minutes.
  return listed.split(/(?=L\d+\s*:)(?<=[,;\n]\s*)/).flatMap((part) => {
    const [, line, why] = /^\s*L(\d+)\s*:\s*(.*)$/s.exec(part) ?? [];
    return line === undefined
      ? []
      : [{ position: Number(line) - 1, reason: why!.trim().replace(/[,;]$/, "") }];
  });
}
