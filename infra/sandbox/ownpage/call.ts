import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** A request, as the routes see it. */
export interface Call {
  method: string;
  /** Below the base path, e.g. "/newsletters/lists". */
  path: string;
  query: Record<string, string>;
  token: string | undefined;
  ip: string;
  /** The JSON sent; undefined when there is none or it is malformed. */
  body: unknown;
}

/** Reads a whole request. Rejects when the client goes away meanwhile. */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? "/", "http://sandbox");
  const token = request.headers["x-ownpage-client-token"];
  const forwardedFor = request.headers["x-forwarded-for"];
  return {
    method: request.method ?? "GET",
    path: url.pathname.replace(/^\/v1(?=\/)/, ""),
    query: Object.fromEntries(url.searchParams),
    token: typeof token === "string" ? token : undefined,
    ip: String(forwardedFor ?? request.socket.remoteAddress),
    body: parseJson(await text(request)),
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
