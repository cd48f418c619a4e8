/** An attempt that failed in a way that may pass. It never quotes a body, an address or a URL, and keeps no cause that could. */
export class HttpFault extends Error {
  override readonly name: string = "HttpFault";
  /** How long the answer asked to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  constructor(problem: string, retryAfterMs?: number) {
    super(problem);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A body that was read whole, and that is not what the call is documented to answer. */
export class WrongShapeFault extends HttpFault {
  override readonly name = "WrongShapeFault";
  /** @param fields paths and what was expected there, without a value */
  constructor(fields: string) {
    super(`a body of the wrong shape (${fields})`);
  }
}

const nobodyThere: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Why no answer came, as a fault: only the code is kept, for the rest may hold addresses and bytes of the body. */
export function networkFault(error: unknown): HttpFault {
  const code = codeOf(error);
  const hint = nobodyThere.has(code) ? ": is the provider's baseUrl right, and does it answer?" : "";
  return new HttpFault(`a network fault (${code})${hint}`);
}

/** A connection that broke, a compressed body that ended early or is none, and chunks that are not HTTP's. */
const cutBody = /^(E[A-Z]+|Z_[A-Z_]+|HPE_[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE)$/;

/** Whether reading a body failed because it did not arrive whole, or could not be decompressed. */
export function isBodyCut(error: unknown): boolean {
  return cutBody.test(codeOf(error));
}

/** Whether a body that was said to be compressed is not. */
export function isNotCompressed(error: unknown): boolean {
  return codeOf(error).startsWith("Z_");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
