import type { IncomingHttpHeaders } from "node:http";
import type { BuildAppOptions, buildApp } from "fauxqs";

type App = ReturnType<typeof buildApp>;

/** Holds the buckets and objects of fauxqs. */
export type S3Store = NonNullable<BuildAppOptions["stores"]>["s3Store"];

interface Request {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
}

interface Target {
  readonly bucket: string;
  readonly key: string;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const conflict: Refusal = {
  status: 409,
  code: "ConditionalRequestConflict",
  message: "A conflicting conditional operation is currently in progress against this resource.",
};
const preconditionFailed: Refusal = {
  status: 412,
  code: "PreconditionFailed",
  message: "At least one of the pre-conditions you specified did not hold",
};
const noSuchKey: Refusal = { status: 404, code: "NoSuchKey", message: "The specified key does not exist." };

/**
 * Makes fauxqs obey `If-None-Match: *` and `If-Match` where it ignores them: when an object is written, whole or in
 * parts, and when one is deleted. Of two simultaneous uploads with `If-None-Match`, the later one is a conflict.
 */
export function enforceConditions(app: App, store: S3Store): void {
  const uploads = new Map<string, unknown>();
  const conflicting = new WeakSet<object>();

  app.addHook("onRequest", (request, reply, done) => {
    const target = writeTarget(request);
    if (target && request.headers["if-none-match"] === "*") {
      const path = `${target.bucket}/${target.key}`;
      if (uploads.has(path)) conflicting.add(request);
      else uploads.set(path, request);
      reply.raw.once("close", () => uploads.get(path) === request && uploads.delete(path));
    }
    done();
  });

  // A callback, not a promise: nothing may happen between the check and fauxqs' own handler, which writes
  // synchronously.
  app.addHook("preHandler", (request, reply, done) => {
    const target = writeTarget(request);
    const refusal = conflicting.has(request)
      ? conflict
      : target && store.hasBucket(target.bucket) && check(currentEtag(store, target), request.headers);
    if (!refusal) return done();
    reply.code(refusal.status).type("application/xml").send(xml(refusal));
  });
}

/** The object that a request would write or delete; undefined if it would do neither. */
function writeTarget({ method, params, query }: Request): Target | undefined {
  const { bucket, "*": key } = params as { bucket?: string; "*"?: string };
  const { uploadId } = query as { uploadId?: string };
  const isWrite = method === "POST" ? uploadId : (method === "PUT" || method === "DELETE") && !uploadId;
  return isWrite && bucket && key ? { bucket, key } : undefined;
}

function currentEtag(store: S3Store, { bucket, key }: Target): string | undefined {
  try {
    return store.headObject(bucket, key).etag;
  } catch {
    return undefined;
  }
}

function check(etag: string | undefined, headers: IncomingHttpHeaders): Refusal | undefined {
  const expected = headers["if-match"];
  if (headers["if-none-match"] === "*" && etag !== undefined) return preconditionFailed;
  if (expected === undefined) return undefined;
  if (etag === undefined) return noSuchKey;
  return expected === "*" || unquoted(expected) === unquoted(etag) ? undefined : preconditionFailed;
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', "");
}

function xml({ code, message }: Refusal): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
