/** A failed attempt that is worth retrying. It never quotes a body, an address or a URL, and has no cause that could. */
export class HttpFault extends Error {
  override readonly name: string = "HttpFault";
  /** How long the response asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  constructor(problem: string, retryAfterMs?: number) {
    super(problem);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A complete body that does not have the documented shape. */
export class WrongShapeFault extends HttpFault {
  override readonly name = "WrongShapeFault";
  /** @param fields paths and what was expected there, without values */
  constructor(fields: string) {
    super(`a body of the wrong shape (${fields})`);
  }
}

const unreachableCodes: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Keeps nothing of the error but its code: the rest may hold addresses and bytes of the body. */
export function networkFault(error: unknown): HttpFault {
  const code = codeOf(error);
  const hint = unreachableCodes.has(code) ? ": is the provider's baseUrl right, and does it answer?" : "";
  return new HttpFault(`a network fault (${code})${hint}`);
}

/** A broken connection, a body that ended early or cannot be decompressed, and invalid HTTP chunks. */
const cutBodyCodes = /^(E[A-Z]+|Z_[A-Z_]+|HPE_[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE)$/;

/** Whether reading a body failed because it did not arrive whole or could not be decompressed. */
export function isBodyCut(error: unknown): boolean {
  return cutBodyCodes.test(codeOf(error));
}

/** Whether reading a body failed because it is not compressed as its header says. */
export function isNotCompressed(error: unknown): boolean {
  return codeOf(error).startsWith("Z_");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
