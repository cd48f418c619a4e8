import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** A request, as the routes see it. */
export interface Call {
  readonly method: string;
  /** Below the API's base path, e.g. "/newsletters/lists". */
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly ip: string;
  /** What was sent, as it was sent. */
  readonly text: string;
  /** The JSON that was sent; undefined if there was none or it was malformed. */
  readonly body: unknown;
}

/**
 * Reads a whole request. Rejects if the client goes away meanwhile.
 *
 * @param basePath taken off the path if it begins with it, e.g. "/v1"
 */
export async function readCall(request: IncomingMessage, basePath: string): Promise<Call> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://sandbox");
  const forwardedFor = request.headers["x-forwarded-for"];
  const sent = await text(request);
  return {
    method: request.method ?? "GET",
    path: pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname,
    query: Object.fromEntries(searchParams),
    headers: request.headers,
    ip: String(forwardedFor ?? request.socket.remoteAddress),
    text: sent,
    body: parseJson(sent),
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
