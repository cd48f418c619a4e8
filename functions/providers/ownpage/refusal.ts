import * as z from "zod";
import { BatchRefusedError, ProviderRefusalError, type RefusedLine } from "../../domain/errors.ts";

/** The two documented shapes of an error: `{"status":"…","message":"…"}` and `{"status":400,"cause":"…"}`. */
const refusalSchema = z.union([
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ cause: z.string() }).transform(({ cause }) => cause),
]);

const batchStatuses: readonly number[] = [400, 413, 422];
const longestReason = 500;

/** Why a call was refused, and what the operator may look at; nothing of what the provider says. */
export function refusalOf(endpoint: string, status: number): ProviderRefusalError {
  return new ProviderRefusalError(endpoint, status, hintFor(endpoint, status));
}

/**
 * Why a write was refused. One bad row fails the whole request; `L3: …` names the third row of it, in the
 * first of the two shapes at least.
 *
 * @param answer.placeOf where the row that was sent in a place stands for the caller, both from 0; -1 for nowhere
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

/** The lines named in `2 error(s): L1: email is missing, L7: …`, however they are separated. */
function namedLines(reason: string): RefusedLine[] {
  const listed = reason.replace(/^\s*\d+ error\(s\):\s*/, "");
  // From a line back to what separates it: the other way, a megabyte of line breaks would take minutes.
  return listed.split(/(?=L\d+\s*:)(?<=[,;\n]\s*)/).flatMap((part) => {
    const [, line, why] = /^\s*L(\d+)\s*:\s*(.*)$/s.exec(part) ?? [];
    return line === undefined
      ? []
      : [{ position: Number(line) - 1, reason: why!.trim().replace(/[,;]$/, "") }];
  });
}
