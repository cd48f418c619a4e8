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

/** What fetch rejected with, as a fault: only its code is kept, for the rest may hold addresses and bytes of the body. */
export function networkFault(error: unknown): HttpFault {
  const code = codeOf(error);
  const hint = nobodyThere.has(code) ? ": is the provider's baseUrl right, and does it answer?" : "";
  return new HttpFault(`a network fault (${code})${hint}`);
}

/** Whether reading a body failed because it did not arrive whole, or could not be decompressed. */
export function isBodyCut(error: unknown): boolean {
  return error instanceof TypeError && error.message === "terminated";
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return "unknown";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
