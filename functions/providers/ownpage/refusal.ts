import * as z from "zod";
import { BatchRefusedError, ProviderRefusalError } from "../../domain/provider-errors.ts";
import { createErrorReader, wordsOf } from "./row-errors.ts";

const errorsSchema = z.array(z.unknown()).min(1);

/** Where a refusal says why: in a text, as in the two documented shapes of an error, or in a list. */
const refusalSchema = z.union([
  z.object({ errors: errorsSchema }).transform(({ errors }) => errors),
  z.object({ report: z.object({ errors: errorsSchema }) }).transform(({ report }) => report.errors),
  z.object({ message: z.string() }).transform(({ message }) => [message]),
  z.object({ cause: z.string() }).transform(({ cause }) => [cause]),
]);

const batchStatuses: readonly number[] = [400, 413, 422];
const longestReason = 500;

/**
 * The error of a refused call, with a hint for the operator. It holds none of the provider's words.
 *
 * @param listId of a call on a list; undefined in the older API, of one implicit list
 */
export function refusalOf(endpoint: string, status: number, listId?: number): ProviderRefusalError {
  return new ProviderRefusalError(endpoint, status, hintFor(status, listId));
}

/**
 * The error of a write that was refused because of its rows; undefined if that is not why. One bad row fails the whole
 * request.
 *
 * @param answer.placeOf where a sent row stands in the caller's batch, both from 0; -1 if nowhere
 */
export function writeRefusalOf(
  endpoint: string,
  status: number,
  answer: { body: string; sent: readonly { email: string }[]; placeOf(position: number): number },
): BatchRefusedError | undefined {
  if (!batchStatuses.includes(status)) return undefined;
  const errors = errorsOf(answer.body);
  const lines = errors
    .flatMap(createErrorReader(answer.sent))
    .map(({ position, reason }) => ({ position: answer.placeOf(position), reason }))
    .filter(({ position }) => position >= 0);
  const reason = errors.map(wordsOf).join(", ");
  return new BatchRefusedError(endpoint, status, { lines, reason: reason.slice(0, longestReason) });
}

function hintFor(status: number, listId: number | undefined): string {
  if (status < 400) return "it is a redirect, which is not followed; is the provider's baseUrl right?";
  if (status === 402 || status === 403) return "does the account include this call?";
  if (status === 404 && listId !== undefined)
    return `does the account have a list ${listId}? That is the list's "id" in the configuration`;
  if (status === 404) return "is the provider's baseUrl right?";
  return "the request is not what the provider expects";
}

function errorsOf(body: string): readonly unknown[] {
  try {
    return refusalSchema.parse(JSON.parse(body));
  } catch {
    return [body];
  }
}
