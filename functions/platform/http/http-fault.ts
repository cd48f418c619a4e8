interface FaultOptions {
  readonly retryAfterMs?: number | undefined;
  /** @default false */
  readonly isOfAll?: boolean;
}

/** A failed attempt that is worth retrying. It never quotes a body, an address or a URL, and has no cause that could. */
export class HttpFault extends Error {
  override readonly name: string = "HttpFault";
  /** How long the response asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  /** Whether any other request would have failed, too: what was asked does not matter. */
  readonly isOfAll: boolean;
  constructor(problem: string, { retryAfterMs, isOfAll = false }: FaultOptions = {}) {
    super(problem);
    this.retryAfterMs = retryAfterMs;
    this.isOfAll = isOfAll;
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

/** A body that has more bytes than are read of it. Requested again, it would be no smaller: it is not retried. */
export class OversizeFault extends HttpFault {
  override readonly name = "OversizeFault";
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`a body of more than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

const unreachableCodes: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Keeps nothing of the error but its code: the rest may hold addresses and bytes of the body. */
export function networkFault(error: unknown): HttpFault {
  const code = codeOf(error);
  const isOfAll = unreachableCodes.has(code);
  const hint = isOfAll ? ": is the provider's baseUrl right, and does it answer?" : "";
  return new HttpFault(`a network fault (${code})${hint}`, { isOfAll });
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
