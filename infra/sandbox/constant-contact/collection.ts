import type { Answer } from "../answer.ts";
import { jsonAnswer } from "../answer.ts";
import type { Call } from "../call.ts";
import type { Account } from "./account.ts";
import { decodeCursor, encodeCursor, type Parameters } from "./cursor.ts";
import { errorAnswer } from "./error-answer.ts";

/** What a collection was asked for: by a query, or by the cursor of a page before. */
export interface PageRequest {
  readonly parameters: Parameters;
  /** What tells the page: its number from 1, or an id. Undefined for the first page. */
  readonly next: string | undefined;
  /** By how many rows the page is shifted, as if others had changed the collection meanwhile. */
  readonly shift: number;
}

/** The parameters that only cursors have. */
const ownParameters = ["next", "shift", "issued"];

/** @returns an answer if the request is not a good one */
export function readPageRequest({ query }: Call, account: Account): PageRequest | Answer {
  const { cursor, ...others } = query;
  if (cursor === undefined) return { parameters: others, next: undefined, shift: 0 };
  if (Object.keys(others).length > 0) return errorAnswer(400, "a cursor stands alone: it has all parameters");
  const decoded = decodeCursor(cursor);
  const age = account.now().getTime() / 1_000 - Number(decoded?.["issued"] ?? 0);
  const isTooOld = decoded?.["issued"] !== undefined && age > account.options.cursorSeconds;
  if (!decoded || isTooOld) return errorAnswer(400, "cursor does not have a valid value");
  const parameters = Object.fromEntries(
    Object.entries(decoded).filter(([name]) => !ownParameters.includes(name)),
  );
  return { parameters, next: decoded["next"], shift: Number(decoded["shift"] ?? 0) };
}

/** A page, with the link to the next one unless it is the last. */
export function pageAnswer(
  page: Readonly<Record<string, unknown>>,
  nextPage: { readonly path: string; readonly parameters: Parameters; readonly next: string | undefined },
  { options }: Account,
): Answer {
  const { path, parameters, next } = nextPage;
  if (next === undefined)
    return jsonAnswer({ ...page, ...(options.lastPage === "empty links" && { _links: {} }) });
  const isMortal = Number.isFinite(options.cursorSeconds);
  const issued = { issued: String(options.now().getTime() / 1_000) };
  const cursor = encodeCursor({ ...parameters, next, ...(isMortal && issued) });
  return jsonAnswer({
    ...page,
    _links: { next: { href: `/v3${path}?cursor=${encodeURIComponent(cursor)}` } },
  });
}

/** A page of what is all in memory. */
export function pageOf<T>(
  all: readonly T[],
  { next, shift }: PageRequest,
  limit: number,
): { readonly shown: readonly T[]; readonly next: string | undefined } {
  const number = Number(next ?? 1);
  const offset = Math.max((number - 1) * limit + shift, 0);
  return {
    shown: all.slice(offset, offset + limit),
    next: offset + limit < all.length ? String(number + 1) : undefined,
  };
}
